import { closeSync, openSync, readdirSync, readFileSync, readlinkSync, readSync } from 'node:fs';

/** Where a keeper has its log, and what stands there (packages/core/src/keeper/format.ts); spelled out, so that an older one is found too. */
const ENDS = 3;
const OWNER_AT = 32;

/** Pids of the keepers of a state root, or of any below that directory. */
export function keepersOf(directory: string): number[] {
  const pids = readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .map(Number);
  return pids.filter((pid) => {
    const owner = ownerOf(pid);
    return owner === directory || owner.startsWith(`${directory}/`);
  });
}

/** The run directory of the Plimsoll whose keeper it is. Empty: it is none. */
function ownerOf(pid: number): string {
  try {
    if (readFileSync(`/proc/${pid}/comm`, 'latin1') !== 'plimsoll-keeper\n') return '';
    const log = `/proc/${pid}/fd/${ENDS}`;
    if (!readlinkSync(log).startsWith('/memfd:plimsoll-keeper')) return '';
    const header = Buffer.alloc(4096);
    const fd = openSync(log, 'r');
    readSync(fd, header, 0, header.length, 0);
    closeSync(fd);
    return header.toString('utf8', OWNER_AT, header.indexOf(0, OWNER_AT));
  } catch {
    // It has ended.
    return '';
  }
}
