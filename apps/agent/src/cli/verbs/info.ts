import type { ContainerView, HostReport } from '@plimsoll/protocol';
import type { AgentRequests } from '../../client/agent-requests.ts';
import { connectAgent } from '../agent-connection.ts';
import { formatBytes } from '../options/quantities.ts';
import { describeDisk } from '../reports/disk-report.ts';
import { storeWarningLines } from '../reports/store-warnings.ts';
import { print, printJson, sheet } from '../reports/terminal.ts';
import { defineVerb, none } from '../verb.ts';

const STATES = ['created', 'starting', 'running', 'frozen', 'stopping', 'exited', 'failed'] as const;

export const info = defineVerb({
  usage: '[--json]',
  summary: 'show what there is in short: containers, images, and the host that they run on',
  options: { json: { type: 'boolean', default: false } },
  optionHelp: { json: 'as a JSON object' },
  async run({ json }, positionals, context) {
    none(positionals);
    using client = connectAgent(context);
    const facts = await gather(client);
    if (json) printJson(context, facts);
    else print(context, describe(facts, context.commandName));
    return 0;
  },
});

type Facts = Awaited<ReturnType<typeof gather>>;

async function gather(client: AgentRequests) {
  const [report, containers, groups, images, volumes] = await Promise.all([
    client.command('host.report', {}),
    client.command('container.list', {}),
    client.command('group.list', {}),
    client.command('image.list', {}),
    client.command('volume.list', {}),
  ]);
  const { version, hostId, hostname, kernel, arch, cgroupLayout, cpus, memoryBytes, stateRoot, cgroupRoot, disks } = report;
  return {
    containers: { total: containers.length, ...byState(containers) },
    groups: groups.length,
    images: images.length,
    volumes: volumes.length,
    ...{ version, hostId, hostname, kernel, arch, cgroupLayout, cpus, memoryBytes, stateRoot, cgroupRoot, disks },
    missing: missing(report),
    storeWarnings: report.storeWarnings,
  };
}

function byState(containers: readonly ContainerView[]): Record<(typeof STATES)[number], number> {
  const count = (status: string) => containers.filter(({ state }) => state.status === status).length;
  return Object.fromEntries(STATES.map((status) => [status, count(status)])) as ReturnType<typeof byState>;
}

function missing({ controllers, namespaces, security, kernelFeatures }: HostReport): string[] {
  const all = [controllers, namespaces, security, kernelFeatures].flat();
  return all.filter(({ available }) => !available).map(({ name }) => name);
}

function describe(facts: Facts, commandName: string): string {
  const { total, ...states } = facts.containers;
  const counted = Object.entries(states).flatMap(([state, count]) => (count === 0 ? [] : [`${count} ${state}`]));
  const warnings = storeWarningLines(facts.storeWarnings).map((warning): [string, string] => ['warning', warning]);
  return sheet([
    ['containers', total === 0 ? '0' : `${total}: ${counted.join(', ')}`],
    ['groups', String(facts.groups)],
    ['images', String(facts.images)],
    ['volumes', String(facts.volumes)],
    ['version', facts.version],
    ['host', facts.hostname],
    ['host id', facts.hostId],
    ['kernel', `${facts.kernel} on ${facts.arch}`],
    ['cgroups', facts.cgroupLayout],
    ['cpus', String(facts.cpus)],
    ['memory', formatBytes(facts.memoryBytes)],
    ['state', `${facts.stateRoot}, cgroups below ${facts.cgroupRoot}`],
    ...facts.disks.map(describeDisk),
    ['missing', facts.missing.length === 0 ? 'nothing' : `${facts.missing.join(', ')}: ${commandName} doctor tells why`],
    ...warnings,
  ]);
}
