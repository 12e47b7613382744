import type { CgroupLayout } from '../layout.ts';
import { isDigit, nextLine, numberAt } from '../text.ts';
import { found, SMALL, unifiedFile, value, type Source } from './source.ts';

/** In the v2 tree, which tells of all three with or without controllers; a kernel without PSI has none of the files. */
export function pressure(layout: CgroupLayout): Source[] {
  return [
    ...unifiedFile(layout, 'cpu.pressure', SMALL, (bytes, start, end, reading) => {
      pressureTotals(bytes, start, end, found);
      reading.cpuPressureUs = value(0);
      reading.cpuFullPressureUs = value(1);
    }),
    ...unifiedFile(layout, 'memory.pressure', SMALL, (bytes, start, end, reading) => {
      pressureTotals(bytes, start, end, found);
      reading.memoryPressureUs = value(0);
      reading.memoryFullPressureUs = value(1);
    }),
    ...unifiedFile(layout, 'io.pressure', SMALL, (bytes, start, end, reading) => {
      pressureTotals(bytes, start, end, found);
      reading.ioPressureUs = value(0);
      reading.ioFullPressureUs = value(1);
    }),
  ];
}

/** The totals, us, of `some avg10=0.00 avg60=0.00 avg300=0.00 total=0` and the `full` line, which cpu.pressure has since Linux 5.13. */
export function pressureTotals(bytes: Uint8Array, start: number, end: number, into: Float64Array): void {
  into.fill(Number.NaN);
  let which = 0;
  for (let line = start; line < end; which++) {
    const next = nextLine(bytes, line, end);
    let digit = next - 1;
    while (isDigit(bytes[digit - 1])) digit--;
    into[which] = numberAt(bytes, digit);
    line = next;
  }
}
