import type { ColumnName, Samples } from '@plimsoll/protocol';

/** What a row of a table shows; NaN: no reading. */
export interface Figures {
  cpu: number;
  memory: number;
  io: number;
  pids: number;
}

export const NO_FIGURES: Figures = { cpu: NaN, memory: NaN, io: NaN, pids: NaN };

/** A cell of a samples block; NaN where it has no such column. */
export function cell({ times, columns }: Samples, name: ColumnName, row: number, time: number): number {
  return Number(columns[name]?.[row * times.length + time] ?? NaN);
}

/** The figures of one row at its newest time. */
export function newestFigures(samples: Samples, row: number): Figures {
  const last = samples.times.length - 1;
  const at = (name: ColumnName) => cell(samples, name, row, last);
  return {
    cpu: at('cpuCores'),
    memory: at('memoryWorkingSetBytes'),
    io: at('ioReadBytesPerS') + at('ioWriteBytesPerS'),
    pids: at('pids'),
  };
}
