'use client';

import type { GroupView } from '@plimsoll/protocol';
import { bytesPerSecond, cores, NO_READING } from '@plimsoll/protocol/quantities';
import { count } from '../../lib/format.ts';
import { NO_FIGURES } from '../../live/figures.ts';
import { groupRow } from '../../live/table-samples.ts';
import { useChanges, useLive } from '../live-provider.tsx';
import { MemoryFigure } from '../memory-figure.tsx';
import { Quantity } from '../quantity.tsx';
import { Sparkline } from '../sparkline.tsx';
import { FROM_LG, FROM_XL } from './columns.ts';

/** The cells that change with every sample: they alone render again. */
export function GroupCells({ group, alive }: { group: GroupView; alive: boolean }) {
  const table = useLive()?.table;
  useChanges(table?.notifier);
  const { path, limits, frozenAt, frozenBy } = group;
  const row = groupRow(path);
  const { cpu, memory, io, pids } = (alive ? table?.figures(row) : undefined) ?? NO_FIGURES;
  return (
    <>
      <span role="gridcell" className="flex min-w-0 items-center gap-2 max-md:col-start-3 max-md:row-start-2">
        <span className="tabular w-16 flex-none text-right text-13 whitespace-nowrap @max-[53rem]:w-full">
          {Number.isFinite(cpu) ? cores(cpu).figure : NO_READING.figure}
          {limits.cpus !== undefined && <span className={`text-ink-3 ${FROM_LG}`}> / {limits.cpus}</span>}
          {Number.isFinite(cpu) && <span className="text-ink-3 md:hidden"> cpus</span>}
        </span>
        <span className={`min-w-0 flex-1 ${FROM_LG}`}>
          <Sparkline row={row} limit={limits.cpus} frozen={frozenAt !== null || frozenBy !== null} />
        </span>
      </span>
      <span
        role="gridcell"
        className="flex min-w-0 items-center gap-2 text-13 max-md:col-start-4 max-md:row-start-2 max-md:flex-col max-md:items-stretch max-md:gap-0.5"
      >
        <MemoryFigure used={memory} limit={limits.memoryBytes} />
      </span>
      <span role="gridcell" className={`text-right text-13 ${FROM_XL}`}>
        <Quantity value={bytesPerSecond(io)} />
      </span>
      <span role="gridcell" className={`text-right text-13 ${FROM_XL}`}>
        <Quantity value={count(pids)} />
      </span>
    </>
  );
}
