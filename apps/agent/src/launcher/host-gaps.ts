import type { HostReport } from '@plimsoll/protocol';
import { typedName } from '../command-link.ts';

/** What this host lacks and what each would give, a line each; none where it lacks nothing. */
export function hostGaps(report: HostReport): string[] {
  const missing = [report.controllers, report.namespaces, report.security, report.kernelFeatures]
    .flat()
    .filter((feature) => !feature.available);
  if (missing.length === 0) return [];
  return [
    `This host lacks (\`${typedName()} doctor\` says why):`,
    ...missing.map(({ name, gives }) => `  ${name}, for ${gives}`),
  ];
}
