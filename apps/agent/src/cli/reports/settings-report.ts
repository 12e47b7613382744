import type { IsolationSettings } from '@plimsoll/protocol';
import { formatBytes } from '../options/quantities.ts';

const USUAL_SHM_BYTES = 64 * 2 ** 20;

/** What was asked for of a container's isolation, as rows; what is as ever is left out, but for what most ask about. */
export function describeSettings(settings: IsolationSettings, nameOf: (id: string) => string): [string, string][] {
  const {
    user,
    namespaces,
    timeOffsets,
    capabilities,
    ambient,
    noNewPrivileges,
    seccomp,
    appArmor,
    seLinux,
    readOnly,
    shmBytes,
    devices,
  } = settings;
  const shared = Object.entries(namespaces).flatMap(([type, mode]) =>
    mode === 'private' ? [] : [`${type}: ${mode === 'host' ? 'the host’s' : `that of ${nameOf(mode.container)}`}`],
  );
  const clocks = [
    ['monotonic', timeOffsets.monotonicS],
    ['boottime', timeOffsets.boottimeS],
  ] as const;
  const ahead = clocks
    .filter(([, seconds]) => seconds !== 0)
    .map(([clock, seconds]) => `${clock} ${seconds > 0 ? '+' : ''}${seconds} s`);
  const rows: [string, string][] = [
    ['user', [`${user.uid}:${user.gid}`, ...user.groups].join(' ')],
    ['namespaces', shared.join(', ') || 'all its own'],
    ['clocks', ahead.join(', ')],
    ['capabilities', shortNames(capabilities) || 'none'],
    ['ambient', shortNames(ambient)],
    ['seccomp', seccomp],
    ['new privileges', noNewPrivileges ? '' : 'allowed'],
    ['AppArmor', appArmor ?? ''],
    ['SELinux', seLinux ?? ''],
    ['rootfs', readOnly ? 'read-only' : ''],
    ['shared memory', shmBytes === null || shmBytes === USUAL_SHM_BYTES ? '' : formatBytes(shmBytes)],
    ['devices', devices.join(' ')],
  ];
  return rows.filter(([, text]) => text !== '');
}

function shortNames(capabilities: readonly string[]): string {
  return capabilities.map((name) => name.replace(/^CAP_/, '')).join(' ');
}
