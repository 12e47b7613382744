'use client';

import { bytes, cores, NO_READING } from '@plimsoll/protocol/quantities';
import { count } from '../../lib/format.ts';
import { NO_FIGURES } from '../../live/figures.ts';
import { useChanges, useLive } from '../live-provider.tsx';
import { Quantity } from '../quantity.tsx';
import { FROM_WIDE } from './columns.ts';

/** The cells that change with every sample: they alone render again. */
export function KernelCells({ path }: { path: string }) {
  const kernel = useLive()?.kernel;
  useChanges(kernel?.figuresNotifier);
  const { cpu, memory, pids } = kernel?.figures(path) ?? NO_FIGURES;
  return (
    <>
      <span role="gridcell" className="tabular text-right">
        {Number.isFinite(cpu) ? cores(cpu).figure : NO_READING.figure}
      </span>
      <span role="gridcell" className="text-right">
        <Quantity value={bytes(memory)} />
      </span>
      <span role="gridcell" className={`text-right ${FROM_WIDE}`}>
        <Quantity value={count(pids)} />
      </span>
    </>
  );
}
