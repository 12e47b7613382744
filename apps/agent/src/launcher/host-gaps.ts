import type { HostReport } from '@plimsoll/protocol';

/** One line for each feature that this host lacks: what it would give, and why it is missing. */
export function hostGaps(report: HostReport): string[] {
  return [report.controllers, report.namespaces, report.security, report.kernelFeatures]
    .flat()
    .filter((feature) => !feature.available)
    .map(({ name, gives, detail }) => `  ${name}: would give ${gives}${detail === '' ? '' : ` (${detail})`}`);
}
