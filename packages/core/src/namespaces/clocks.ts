import { CLONE } from '../abi/clone.ts';
import { or } from '../abi/flags.ts';
import { readFileSync } from 'node:fs';
import type { OciConfig, OciLinux } from '../oci/config.ts';
import type { Program } from '../program/program.ts';
import { hostKernel, isAtLeast } from '../syscalls/kernel-version.ts';
import { writeFile } from '../program/write-file.ts';

/**
 * A time namespace for the processes that are cloned from here on (time_namespaces(7)): its clocks can be set until the
 * first one is in it, and by who has not changed its user since (/proc/self/timens_offsets is closed to it then).
 */
export function makeClocks(program: Program, offsets: OciLinux['timeOffsets']): void {
  program.call('make the time namespace', 'unshare', [or(CLONE, 'CLONE_NEWTIME')]);
  const lines = Object.entries(offsets ?? {}).map(([clock, { secs, nanosecs }]) => `${clock} ${secs} ${nanosecs}\n`);
  if (lines.length > 0) writeFile(program, 'set the clocks', '/proc/self/timens_offsets', lines.join(''));
}

/**
 * Linux 6.2: a child that shares its maker's memory comes into the new time namespace at its exec, and reads the clock of
 * before until then. Older kernels make no such child.
 */
export function entersTimeAtExec(): boolean {
  return isAtLeast(hostKernel(), { major: 6, minor: 2 });
}

/** By how much the monotonic clock of a config's time namespace is ahead of the host's. Throws where a joined one is gone. */
export function clockAheadNs({ linux: { namespaces, timeOffsets } }: OciConfig): bigint {
  const found = namespaces.find(({ type }) => type === 'time');
  if (found === undefined) return 0n;
  const { secs = 0, nanosecs = 0 } = found.path === undefined ? (timeOffsets?.monotonic ?? {}) : offsetAt(found.path);
  return BigInt(secs) * 1_000_000_000n + BigInt(nanosecs);
}

/** `/proc/17/ns/time`: the process whose namespace it is tells its offsets beside. */
function offsetAt(path: string): { secs: number; nanosecs: number } {
  const offsets = readFileSync(path.replace(/ns\/\w+$/, 'timens_offsets'), 'latin1');
  const [, secs, nanosecs] = /^monotonic\s+(-?\d+)\s+(\d+)$/m.exec(offsets) ?? [];
  return { secs: Number(secs ?? 0), nanosecs: Number(nanosecs ?? 0) };
}
