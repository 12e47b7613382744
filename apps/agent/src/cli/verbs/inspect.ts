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
    const cpuUsageNs = await cpuUsage(client, view);
    if (json) printJson(context, { ...flatten(view), cpuUsageNs: cpuUsageNs === null ? null : JSON.rawJSON(cpuUsageNs) });
    else print(context, sheet(describe(view, cpuUsageNs, await namesFor(client, view))));
    return 0;
  },
});

/** The kernel's counter in decimal digits: read now while it runs, the last reading of all once it has ended. */
async function cpuUsage(client: AgentRequests, { id, state, lastExit }: ContainerView): Promise<string | null> {
  if ('pid' in state) {
    const [stats] = await client.command('container.stats', { containers: [id] }).catch(ignoreMissing);
    if (stats !== undefined && stats.cpuUsageNs !== null) return stats.cpuUsageNs;
  }
  return lastExit?.cpuUsageNs ?? null;
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

function describe(view: ContainerView, cpuUsageNs: string | null, nameOf: (id: string) => string): [string, string][] {
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
    ['limits', describeLimits(limits) || 'none'],
    ...describeSettings(view.isolation, nameOf),
    ...view.mounts.map((mount): [string, string] => ['mount', describeMount(mount)]),
    ['cgroup', view.cgroup],
    ...Object.entries(view.env).map(([name, value]): [string, string] => ['env', `${name}=${value}`]),
    ...Object.entries(view.labels).map(([name, value]): [string, string] => ['label', `${name}=${value}`]),
    ...(view.state.status === 'failed' ? [['error', view.state.error.message] as [string, string]] : []),
  ];
}
