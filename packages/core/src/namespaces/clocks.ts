import { CLONE } from '../abi/clone.ts';
import { or } from '../abi/flags.ts';
import type { OciLinux } from '../oci/config.ts';
import type { Program } from '../program/program.ts';
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
