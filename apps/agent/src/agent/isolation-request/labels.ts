import { PlimsollError, type IsolationRequest } from '@plimsoll/protocol';
import { whyNoModule } from '../host/security.ts';

/** Throws `unsupported-on-host` for a label that nothing on this host would enforce. */
export function requireLabels({ appArmor, seLinux }: Pick<IsolationRequest, 'appArmor' | 'seLinux'>): void {
  // To have no profile wants nobody to enforce it.
  if (appArmor !== undefined && appArmor !== 'unconfined') requireModule('apparmor', 'AppArmor', `the profile ${appArmor}`);
  if (seLinux !== undefined) requireModule('selinux', 'SELinux', `the context ${seLinux}`);
}

function requireModule(module: 'apparmor' | 'selinux', name: string, label: string): void {
  const why = whyNoModule(module);
  if (why === null) return;
  throw new PlimsollError(
    'unsupported-on-host',
    `${name} is not active on this host, so ${label} would not be enforced: ${why}`,
    {
      hint: 'Leave the label out, or boot a kernel with this module active.',
    },
  );
}
