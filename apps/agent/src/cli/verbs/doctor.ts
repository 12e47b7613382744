import type { HostFeature, HostReport } from '@plimsoll/protocol';
import { cpuCount, inWords } from '@plimsoll/protocol/quantities';
import { connectAgent } from '../agent-connection.ts';
import { formatAge, formatBytes } from '../options/quantities.ts';
import { describeDisk } from '../reports/disk-report.ts';
import { storeWarningLines } from '../reports/store-warnings.ts';
import { print, printJson, safe, sheet } from '../reports/terminal.ts';
import { defineVerb, none } from '../verb.ts';

export const doctor = defineVerb({
  usage: '[--json]',
  summary: 'show what this host offers, what is missing and what it would give',
  options: { json: { type: 'boolean', default: false } },
  optionHelp: { json: 'as a JSON object' },
  async run({ json }, positionals, context) {
    none(positionals);
    using client = connectAgent(context);
    const report = await client.command('host.report', {});
    if (json) printJson(context, report);
    else print(context, describe(report));
    return 0;
  },
});

function describe(report: HostReport): string {
  const facts = sheet([
    ['Plimsoll', `${report.version}, agent ${report.agentPid}, supervisor ${report.supervisorPid}`],
    ['state', `${report.stateRoot}, cgroups below ${report.cgroupRoot}`],
    ['host id', report.hostId],
    ['host', `${report.hostname}, up ${formatAge(report.bootedAt)}`],
    ['kernel', `${report.kernel} on ${report.arch}`],
    ['resources', `${inWords(cpuCount(report.cpus))}, ${formatBytes(report.memoryBytes)} of memory`],
    ['cgroups', report.cgroupLayout],
    ...report.disks.map(describeDisk),
  ]);
  const sections: [string, HostFeature[]][] = [
    ['Controllers', report.controllers],
    ['Namespaces', report.namespaces],
    ['Security', report.security],
    ['Kernel', report.kernelFeatures],
  ];
  const width = Math.max(...sections.flatMap(([, features]) => features.map(({ name }) => name.length)));
  const lines = sections.map(([title, features]) => [title, ...features.map((feature) => line(feature, width))].join('\n'));
  const warnings = storeWarningLines(report.storeWarnings).map((warning) => `  ✗ ${warning}`);
  if (warnings.length > 0) lines.unshift(['State files', ...warnings].join('\n'));
  return [facts, ...lines].join('\n\n');
}

function line({ name, available, gives, detail }: HostFeature, width: number): string {
  const about = available ? [gives, detail] : [`would give ${gives}`, detail];
  return safe(`  ${available ? '✓' : '✗'} ${name.padEnd(width)} ${about.filter((text) => text !== '').join('; ')}`);
}
