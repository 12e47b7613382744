'use client';

import type { ContainerView } from '@plimsoll/protocol';
import { bytesPerSecond, cores, NO_READING } from '@plimsoll/protocol/quantities';
import { count } from '../../lib/format.ts';
import { NO_FIGURES } from '../../live/figures.ts';
import { useChanges, useLive } from '../live-provider.tsx';
import { MemoryFigure } from '../memory-figure.tsx';
import { Quantity } from '../quantity.tsx';
import { Sparkline } from '../sparkline.tsx';
import { FROM_XL } from './columns.ts';

/** The cells that change with every sample: they alone render again. */
export function LiveCells({ view: { id, limits, state } }: { view: ContainerView }) {
  const table = useLive()?.table;
  useChanges(table?.notifier);
  const alive = 'pid' in state;
  const { cpu, memory, io, pids } = (alive ? table?.figures(id) : undefined) ?? NO_FIGURES;
  return (
    <>
      <span role="cell" className="flex min-w-0 items-center gap-2 max-md:col-start-3 max-md:row-start-2">
        <span className="tabular w-20 flex-none text-right text-13 whitespace-nowrap max-md:w-10">
          {Number.isFinite(cpu) ? cores(cpu).figure : NO_READING.figure}
          {limits.cpus !== undefined && <span className="text-ink-3 max-md:hidden"> / {limits.cpus}</span>}
        </span>
        <Sparkline row={id} limit={limits.cpus} frozen={state.status === 'frozen'} />
      </span>
      <span
        role="cell"
        className="flex min-w-0 items-center gap-2 text-13 max-md:col-start-4 max-md:row-start-2 max-md:flex-col max-md:items-stretch max-md:gap-0.5"
      >
        <MemoryFigure used={memory} limit={alive ? limits.memoryBytes : undefined} />
      </span>
      <span role="cell" className={`text-right text-13 ${FROM_XL}`}>
        <Quantity value={bytesPerSecond(io)} />
      </span>
      <span role="cell" className={`text-right text-13 ${FROM_XL}`}>
        <Quantity value={count(pids)} />
      </span>
    </>
  );
}
