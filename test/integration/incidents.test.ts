// @module-tag kernel

import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { CgroupWatch, freezeCgroup, killCgroup, thawCgroup, whyNoPressureTriggers, type EventCounts } from '@plimsoll/core';
import type { CreateContainerInput, Incident } from '@plimsoll/protocol';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { AgentClient } from '../../apps/agent/src/client/agent-client.ts';
import { connect } from '../../apps/agent/src/client/connect.ts';
import { Core } from '../support/core.ts';
import { ended } from '../support/ended.ts';
import { HOST_LAYOUT } from '../support/layouts.ts';
import { SLOWNESS } from '../support/slowness.ts';
import { World } from '../support/world.ts';

const MEBIBYTE = 1024 * 1024;
const { unified } = HOST_LAYOUT;
const noTriggers = whyNoPressureTriggers(unified);
const hasUnified = unified !== null;

describe('what the kernel tells of a container reaches a client by itself', () => {
  let world: World;
  let client: AgentClient;
  beforeAll(async () => {
    world = await World.make();
    client = await connect(world.state);
  });
  afterAll(async () => {
    client?.[Symbol.dispose]();
    await world?.[Symbol.asyncDispose]();
  });

  const run = (script: string, limits: CreateContainerInput['limits']) =>
    client.command('container.run', { command: ['/bin/sh', '-c', script], limits });

  /** Those of this container and kind, as they come. */
  async function* incidentsOf(id: string, kind: Incident['kind']): AsyncGenerator<Incident> {
    for (let seen = 0; ;) {
      const found = client.incidents.slice(seen).find((incident) => incident.container === id && incident.kind === kind);
      if (found !== undefined) yield found;
      seen = found === undefined ? client.incidents.length : client.incidents.indexOf(found) + 1;
      if (found === undefined) await once(client, 'incident');
    }
  }

  async function first(id: string, kind: Incident['kind']): Promise<Incident> {
    const { value } = await incidentsOf(id, kind).next();
    return value as Incident;
  }

  test('a process of it that the OOM killer ended, while it goes on itself', async () => {
    const { id, group } = await run('tail /dev/zero; sleep infinity', { memoryBytes: 24 * MEBIBYTE });
    const incident = await first(id, 'oom-kill');
    expect(incident).toMatchObject({ container: id, group, count: 1, resource: null, share: null });
    expect(Math.abs(Date.parse(incident.at) - Date.now())).toBeLessThan(10_000 * SLOWNESS);
    expect(client.containers.get(id)?.state.status).toBe('running');
  });

  test('an OOM kill that ended it', async () => {
    const { id } = await run('exec tail /dev/zero', { memoryBytes: 24 * MEBIBYTE });
    expect(await first(id, 'oom-kill')).toMatchObject({ count: 1 });
    await ended(client, id);
    expect(client.containers.get(id)?.state).toMatchObject({ status: 'exited', oomKilled: true });
    // It was told once, and not at its end again.
    expect(client.incidents.filter((incident) => incident.container === id && incident.kind === 'oom-kill')).toHaveLength(1);
  });

  test('that it is held at its memory limit', async () => {
    const { id } = await run('dd if=/dev/zero of=/file bs=1M count=200 2>/dev/null; sleep infinity', {
      memoryBytes: 48 * MEBIBYTE,
    });
    expect((await first(id, 'memory-max')).count).toBeGreaterThan(0);
  });

  test('that it went past its soft limit', async () => {
    const { id } = await run('dd if=/dev/zero of=/file bs=1M count=100 2>/dev/null; sleep infinity', {
      memoryHighBytes: 32 * MEBIBYTE,
    });
    expect((await first(id, 'memory-high')).count).toBeGreaterThan(0);
  });

  test('that it went past a soft limit that it was given later', async () => {
    // Again and again: what was written before the limit makes no event.
    const { id } = await run('while :; do head -c 60000000 /dev/zero >/file; done', {});
    await client.command('container.update', { container: id, limits: { memoryHighBytes: 16 * MEBIBYTE } });
    expect((await first(id, 'memory-high')).count).toBeGreaterThan(0);
    await client.command('container.kill', { container: id });
  });

  test('forks that were refused, the first at once', async () => {
    const script = 'i=0; while [ $i -lt 9 ]; do sleep infinity & i=$((i+1)); done; exec sleep infinity';
    // A shell ends at a fork that is refused: another goes on.
    const { id } = await run(`sh -c '${script}' 2>/dev/null; sleep infinity`, { pids: 5 });
    expect((await first(id, 'pids-refused')).count).toBeGreaterThan(0);
  });

  test.runIf(noTriggers === null)(`that it starves for cpu${noTriggers === null ? '' : `: ${noTriggers}`}`, async () => {
    // Three that want the one cpu: some wait all the time.
    const { id } = await run("for i in 1 2 3; do sh -c 'while :; do :; done' & done; wait", { cpusetCpus: '0' });
    const incident = await first(id, 'starving');
    expect(incident).toMatchObject({ resource: 'cpu', count: 1 });
    expect(incident.share).toBeGreaterThan(0.5);
    expect(incident.share).toBeLessThanOrEqual(1);
    await client.command('container.kill', { container: id });
  });

  test.runIf(hasUnified)('that somebody froze it, and thawed it, past us', async () => {
    const { id, group } = await run('sleep infinity', {});
    const freeze = world.cgroup(`${group}/${id}`).unifiedFile('cgroup.freeze')!;
    const became = async (status: string) => {
      while (client.containers.get(id)?.state.status !== status) await once(client, 'container');
      return client.containers.get(id)!.state;
    };
    writeFileSync(freeze, '1');
    expect(await became('frozen')).toMatchObject({ reasons: [{ by: 'outside' }] });
    writeFileSync(freeze, '0');
    expect(await became('running')).not.toHaveProperty('reasons');
    await client.command('container.freeze', { container: id });
    expect(await became('frozen')).toMatchObject({ reasons: [{ by: 'user' }] });
  });

  test('who connects later is told of what was, in order, through a new agent too', async () => {
    expect(client.incidents.length).toBeGreaterThan(3);
    const known = client.incidents.map(({ id }) => id);
    expect(known).toEqual(known.toSorted((a, b) => a - b));
    using late = await connect(world.state);
    // There may be another meanwhile, which one of them has heard of.
    await expect.poll(() => late.incidents).toEqual(client.incidents);
    await world.end('agent');
    await world.startAgent();
    using later = await connect(world.state);
    expect(later.incidents.slice(0, known.length).map(({ id }) => id)).toEqual(known);
  });
});

describe('a cgroup that is watched', () => {
  let core: Core;
  let watch: CgroupWatch;
  beforeAll(async () => {
    core = await Core.make();
    watch = new CgroupWatch(core.kernel, core.layout, core.cgroupRoot);
  });
  afterAll(async () => {
    await watch?.[Symbol.asyncDispose]();
    await core?.[Symbol.asyncDispose]();
  });

  test.runIf(hasUnified)('tells when it is frozen, and when the last process has left it', async () => {
    await using container = core.container({ args: ['sleep', 'infinity'] });
    await (await container.start()).settle();
    const heard: string[] = [];
    let wake = Promise.withResolvers<void>();
    const hear = (what: string) => {
      heard.push(what);
      wake.resolve();
      wake = Promise.withResolvers();
    };
    const untilHeard = async (count: number) => {
      while (heard.length < count) await wake.promise;
    };
    using _ = watch.watch(container.cgroup, {
      onFrozen: (frozen) => hear(`frozen ${frozen}`),
      onPopulated: (populated) => hear(`populated ${populated}`),
    });
    const { loop } = core.kernel;
    await freezeCgroup(loop, container.cgroup);
    await untilHeard(1);
    await thawCgroup(loop, container.cgroup);
    await untilHeard(2);
    await killCgroup(loop, container.cgroup);
    await untilHeard(3);
    expect(heard).toEqual(['frozen true', 'frozen false', 'populated false']);
  });

  test('tells of no more once it is watched no more, and its removal harms nothing', async () => {
    const told: EventCounts[] = [];
    await using container = core.container({ args: ['tail', '/dev/zero'], limits: { memoryBytes: 16 * MEBIBYTE } });
    const started = container.start();
    const { process, settle } = await started;
    await settle();
    const watched = watch.watch(container.cgroup, { onCounts: (counts) => told.push(counts) });
    await process.exited;
    expect(watched.end()).toMatchObject({ oomKills: 1, pidsRefused: 0 });
    const count = told.length;
    await core.run(['true']);
    expect(told.length).toBe(count);
    expect(watched.end()).toMatchObject({ oomKills: 1 });
  });
});
