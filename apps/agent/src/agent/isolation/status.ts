import { CAPABILITIES } from '@plimsoll/core';
import type { CapabilitySets, ContainerIsolation } from '@plimsoll/protocol';
import { words } from './lines.ts';

/** What /proc/<pid>/status tells of who a process is and what it may (proc_pid_status(5)). */
export interface ProcessStatus {
  /** Its pid in each pid namespace that has it, from the reader's inwards. */
  pids: number[];
  /** Effective ids. */
  uid: number;
  gid: number;
  groups: number[];
  umask: string;
  capabilities: CapabilitySets;
  noNewPrivileges: boolean;
  seccomp: ContainerIsolation['seccomp'];
}

/** prctl(2), PR_GET_SECCOMP; a mode that is none of these would be a filter of a later kernel's. */
const SECCOMP_MODES = ['disabled', 'strict'] as const;

export function parseStatus(text: string): ProcessStatus {
  const fields = new Map<string, string>();
  for (const line of text.split('\n')) {
    const colon = line.indexOf(':');
    if (colon > 0) fields.set(line.slice(0, colon), line.slice(colon + 1).trim());
  }
  const field = (name: string) => fields.get(name) ?? '';
  const numbers = (name: string) => words(field(name)).map(Number);
  const capabilities = (name: string) => decodeCapabilities(field(name));
  const filters = fields.get('Seccomp_filters');
  return {
    pids: numbers('NSpid'),
    // Real, effective, saved, file system.
    uid: numbers('Uid')[1] ?? 0,
    gid: numbers('Gid')[1] ?? 0,
    groups: numbers('Groups'),
    umask: field('Umask'),
    capabilities: {
      effective: capabilities('CapEff'),
      permitted: capabilities('CapPrm'),
      inheritable: capabilities('CapInh'),
      bounding: capabilities('CapBnd'),
      ambient: capabilities('CapAmb'),
    },
    noNewPrivileges: field('NoNewPrivs') === '1',
    seccomp: {
      mode: SECCOMP_MODES[Number(field('Seccomp'))] ?? 'filter',
      filters: filters === undefined ? null : Number(filters),
    },
  };
}

/** The names of the bits that are set in a mask of hexadecimal digits. */
export function decodeCapabilities(mask: string): string[] {
  let bits = BigInt(`0x${mask === '' ? '0' : mask}`);
  const names: string[] = [];
  for (let bit = 0; bits > 0n; bit++, bits >>= 1n) if ((bits & 1n) === 1n) names.push(CAPABILITIES[bit] ?? `CAP_${bit}`);
  return names;
}
