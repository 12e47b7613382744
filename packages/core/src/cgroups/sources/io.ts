import type { CgroupLayout } from '../layout.ts';
import { nextLine, NEWLINE, numberAt, SPACE, startsWith } from '../text.ts';
import { controllerFile, found, value, type Source } from './source.ts';

/** Six lines a disk on v1, and hosts with dozens of disks. */
const STAT_BYTES = 16_384;

export function io(layout: CgroupLayout): Source[] {
  if (layout.controllers.get('io')?.version === 2) {
    return controllerFile(layout, 'io', 'io.stat', STAT_BYTES, (bytes, start, end, reading) => {
      ioStatSums(bytes, start, end, found);
      reading.ioReadBytes = value(0);
      reading.ioWriteBytes = value(1);
      reading.ioReadOps = value(2);
      reading.ioWriteOps = value(3);
      reading.ioDiscardBytes = value(4);
    });
  }
  return [
    ...controllerFile(layout, 'io', 'blkio.throttle.io_service_bytes_recursive', STAT_BYTES, (bytes, start, end, reading) => {
      blkioSums(bytes, start, end, found);
      reading.ioReadBytes = value(0);
      reading.ioWriteBytes = value(1);
      reading.ioDiscardBytes = value(2);
    }),
    ...controllerFile(layout, 'io', 'blkio.throttle.io_serviced_recursive', STAT_BYTES, (bytes, start, end, reading) => {
      blkioSums(bytes, start, end, found);
      reading.ioReadOps = value(0);
      reading.ioWriteOps = value(1);
    }),
  ];
}

/** The first letter of each operation: 'Sync', 'Async' and 'Total' tell the same bytes again. */
const OPERATIONS = [...Buffer.from('RWD')];

/** Sums v1 blkio lines, `254:0 Read 4096`, over devices: reads, writes, discards. */
export function blkioSums(bytes: Uint8Array, start: number, end: number, into: Float64Array): void {
  into.fill(0);
  for (let line = start; line < end;) {
    const next = nextLine(bytes, line, end);
    let space = line;
    while (space < next && bytes[space] !== SPACE) space++;
    const which = OPERATIONS.indexOf(bytes[space + 1] ?? 0);
    let last = next - 1;
    while (last > space && bytes[last] !== SPACE) last--;
    // 'Total 33' has one space.
    if (which >= 0 && last > space) into[which] = (into[which] ?? 0) + numberAt(bytes, last + 1);
    line = next;
  }
}

const KEYS = ['rbytes=', 'wbytes=', 'rios=', 'wios=', 'dbytes='].map((key) => Buffer.from(key, 'latin1'));

/** Sums v2 io.stat lines, `254:0 rbytes=1 wbytes=2 rios=3 wios=4 dbytes=5 dios=6`, over devices, in the order of KEYS. */
export function ioStatSums(bytes: Uint8Array, start: number, end: number, into: Float64Array): void {
  into.fill(0);
  for (let i = start; i < end; i++) {
    for (let which = 0; which < KEYS.length; which++) {
      const key = KEYS[which]!;
      if (!startsWith(bytes, i, key)) continue;
      into[which] = (into[which] ?? 0) + numberAt(bytes, i + key.length);
      break;
    }
    while (i < end && bytes[i] !== SPACE && bytes[i] !== NEWLINE) i++;
  }
}
