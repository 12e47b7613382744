import { join } from 'node:path';
import { Pauses, type CgroupLayout } from '@plimsoll/core';
import { PlimsollError, type Limits, type Stats } from '@plimsoll/protocol';
import type { Endings } from '../endings.ts';
import { processesOf } from '../kernel/container-processes.ts';
import type { Registry } from '../registry.ts';
import { LayerQuota } from '../sampling/layer-quota.ts';
import type { Sampler } from '../sampling/sampler.ts';
import type { Handlers } from './dispatcher.ts';

export type ReadingHandlers = Pick<Handlers, 'container.top' | 'container.stats' | 'container.wait'>;

interface Parts {
  registry: Registry;
  sampler: Sampler;
  layout: CgroupLayout;
  endings: Endings;
  containersDirectory: string;
}

interface Subject {
  handle: number;
  limits: Limits;
  of: Pick<Stats, 'id' | 'name' | 'group'>;
}

/** What containers are doing now: read, and nothing changed. */
export function readingHandlers({ registry, sampler, layout, endings, containersDirectory }: Parts): ReadingHandlers {
  return {
    'container.top': ({ container }) => processesOf(layout, registry.resolve(container)),
    'container.stats': async ({ containers, groups }) => {
      if (!registry.complete) throw new PlimsollError('unavailable', 'the supervisor is not there');
      const subjects = groups ? groupsOf(registry) : containersOf(registry, containers);
      const pauses = new Pauses();
      const all: Stats[] = [];
      for (const subject of subjects) {
        const stats = statsOf(subject, sampler, containers !== undefined);
        all.push(stats.diskBytes === null ? { ...stats, diskBytes: sizeAtRest(containersDirectory, stats) } : stats);
        if (pauses.isDue) await pauses.take();
      }
      return all;
    },
    'container.wait': async ({ container, timeoutMs }) => await endings.wait(container, timeoutMs),
  };
}

function groupsOf(registry: Registry): Subject[] {
  return registry.groups.map(({ handle, path, limits }) => ({ handle, limits, of: { id: null, name: path, group: path } }));
}

function containersOf(registry: Registry, named: readonly string[] | undefined): Subject[] {
  const views = named?.map((ref) => registry.resolve(ref)) ?? registry.containers.filter(({ state }) => 'pid' in state);
  return views.map(({ handle, limits, id, name, group }) => ({ handle, limits, of: { id, name, group } }));
}

function statsOf({ handle, limits, of }: Subject, sampler: Sampler, isReadNow: boolean): Stats {
  const newest = sampler.newest(handle, isReadNow);
  const figures = newest?.figures;
  return {
    ...of,
    at: newest === null ? null : new Date(newest.at).toISOString(),
    cpuUsageNs: figures?.cpuUsageNs?.toString() ?? null,
    cpuCores: known(figures?.cpuCores),
    memoryWorkingSetBytes: known(figures?.memoryWorkingSetBytes),
    memoryLimitBytes: limits.memoryBytes ?? null,
    ioReadBytesPerS: known(figures?.ioReadBytesPerS),
    ioWriteBytesPerS: known(figures?.ioWriteBytesPerS),
    pids: known(figures?.pids),
    diskBytes: known(figures?.diskUpperBytes),
    diskLimitBytes: limits.storageBytes ?? null,
  };
}

/** Of a container that does not run: what its quota counts. Null: it has none, and nobody walks its layer. */
function sizeAtRest(containersDirectory: string, { id }: Pick<Stats, 'id'>): number | null {
  return id === null ? null : (LayerQuota.of(join(containersDirectory, id, 'upper'))?.bytes ?? null);
}

function known(figure: number | undefined): number | null {
  return figure === undefined || Number.isNaN(figure) ? null : figure;
}
