import { PlimsollError, type ContainerView } from '@plimsoll/protocol';
import { cpuTime, inWords } from '@plimsoll/protocol/quantities';
import type { AgentRequests } from '../../client/agent-requests.ts';
import { connectAgent } from '../agent-connection.ts';
import { describeState, flatten } from '../reports/container-report.ts';
import { describeLimits } from '../options/limit-options.ts';
import { describeMount } from '../options/mount-options.ts';
import { formatBytes } from '../options/quantities.ts';
import { describeSettings } from '../reports/settings-report.ts';
import { print, printJson, sheet } from '../reports/terminal.ts';
import { defineVerb, exactlyOne } from '../verb.ts';

declare global {
  interface JSON {
    /** JSON text that is written as it stands: a counter past 2^53 keeps every digit (ECMAScript proposal-json-parse-with-source). */
    rawJSON(text: string): object;
  }
}

export const inspect = defineVerb({
  usage: '[--json] CONTAINER',
  summary: 'show all about one container',
  options: { json: { type: 'boolean', default: false } },
  optionHelp: { json: 'as a JSON object' },
  async run({ json }, positionals, context) {
    const container = exactlyOne(positionals, 'one container');
    using client = connectAgent(context);
    const view = await client.command('container.inspect', { container });
    const { cpuUsageNs, diskBytes } = await usage(client, view);
    const cpuUsage = cpuUsageNs === null ? null : JSON.rawJSON(cpuUsageNs);
    if (json) printJson(context, { ...flatten(view), diskBytes, cpuUsageNs: cpuUsage });
    else print(context, sheet(describe(view, { cpuUsageNs, diskBytes }, await namesFor(client, view))));
    return 0;
  },
});

interface Usage {
  /** Decimal digits: read now while it runs, the last reading of all once it has ended. */
  cpuUsageNs: string | null;
  /** Of its layer. */
  diskBytes: number | null;
}

async function usage(client: AgentRequests, { id, lastExit }: ContainerView): Promise<Usage> {
  const [stats] = await client.command('container.stats', { containers: [id] }).catch(ignoreMissing);
  return { cpuUsageNs: stats?.cpuUsageNs ?? lastExit?.cpuUsageNs ?? null, diskBytes: stats?.diskBytes ?? null };
}

/** It may have gone meanwhile. */
function ignoreMissing(error: unknown): [] {
  if (error instanceof PlimsollError && error.code === 'not-found') return [];
  throw error;
}

/** Names of the containers whose namespaces it shares: an id where there is none of that id any more. */
async function namesFor(client: AgentRequests, { isolation }: ContainerView): Promise<(id: string) => string> {
  const isShared = Object.values(isolation.namespaces).some((mode) => typeof mode === 'object');
  const all = isShared ? await client.command('container.list', {}) : [];
  const names = new Map(all.map(({ id, name }) => [id, name]));
  return (id) => names.get(id) ?? id;
}

function describe(view: ContainerView, { cpuUsageNs, diskBytes }: Usage, nameOf: (id: string) => string): [string, string][] {
  const { limits, lastExit } = view;
  const flat = flatten(view);
  return [
    ['id', view.id],
    ['name', view.name],
    ['group', view.group],
    ['image', view.image],
    ['state', describeState(view.state)],
    ['pid', String(flat.pid ?? '—')],
    ['command', view.command.join(' ')],
    ['working directory', view.workdir],
    ['host name', view.hostname],
    ['created', view.createdAt],
    ['started', flat.startedAt ?? '—'],
    ['exited', flat.exitedAt ?? '—'],
    ['starts', String(view.incarnation)],
    ['cpu time', cpuUsageNs === null ? '—' : inWords(cpuTime(Number(cpuUsageNs)))],
    ['memory peak', lastExit === null || lastExit.memoryPeakBytes === null ? '—' : formatBytes(Number(lastExit.memoryPeakBytes))],
    ['disk', describeDisk(diskBytes, limits.storageBytes)],
    ['limits', describeLimits(limits) || 'none'],
    ...describeSettings(view.isolation, nameOf),
    ...view.mounts.map((mount): [string, string] => ['mount', describeMount(mount)]),
    ['cgroup', view.cgroup],
    ...Object.entries(view.env).map(([name, value]): [string, string] => ['env', `${name}=${value}`]),
    ...Object.entries(view.labels).map(([name, value]): [string, string] => ['label', `${name}=${value}`]),
    ...(view.state.status === 'failed' ? [['error', view.state.error.message] as [string, string]] : []),
  ];
}

/** `12 MiB of 1 GiB`: what its layer takes, and may take. */
function describeDisk(bytes: number | null, limitBytes: number | undefined): string {
  const used = bytes === null ? '—' : formatBytes(bytes);
  return limitBytes === undefined ? used : `${used} of ${formatBytes(limitBytes)}`;
}
