import type { HostReport } from '@plimsoll/protocol';
import { storeWarningLines } from '../cli/reports/store-warnings.ts';
import { typedName } from '../command-link.ts';

/** State files that were damaged or missing, a line each; none where all are whole. */
export function damagedStores({ storeWarnings }: HostReport): string[] {
  if (storeWarnings.length === 0) return [];
  return ['State files were damaged or missing:', ...storeWarningLines(storeWarnings).map((line) => `  ${line}`)];
}

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
