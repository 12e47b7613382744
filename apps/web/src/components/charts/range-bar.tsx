'use client';

import { ChevronLeft, ChevronRight, X, ZoomOut } from 'lucide-react';
import type { ReactNode } from 'react';
import { LIVE_WINDOWS, moved, ofWindow, PAST_WINDOWS, zoomedOut, type ChartRange } from '../../lib/chart-range.ts';
import { instant } from '../../lib/format.ts';
import { Segments } from '../segments.tsx';

interface RangeBarProps {
  range: ChartRange;
  /** Where the past is kept. */
  hasPast: boolean;
  change: (range: ChartRange) => void;
  /** Back to the window that charts begin with. */
  reset: () => void;
}

/** Chooses the time that charts show. */
export function RangeBar({ range, hasPast, change, reset }: RangeBarProps) {
  const windows = hasPast ? [...LIVE_WINDOWS, ...PAST_WINDOWS] : LIVE_WINDOWS;
  return (
    <div className="mb-2 flex flex-wrap items-center justify-end gap-2">
      {range.kind === 'span' ? (
        <Span span={range} change={change} reset={reset} />
      ) : (
        hasPast && <span className="hidden text-12 text-ink-3 @3xl:inline">Drag over a chart to look closer</span>
      )}
      <Segments
        small
        label="Time shown"
        options={windows.map(({ label, ms }) => ({ value: ms, label }))}
        value={range.kind === 'span' ? 0 : range.windowMs}
        change={(ms: number) => change(ofWindow(ms))}
      />
    </div>
  );
}

function Span({ span, change, reset }: { span: { from: number; to: number } } & Pick<RangeBarProps, 'change' | 'reset'>) {
  const [from, to] = [span.from, span.to].map((time) => instant(new Date(time).toISOString())) as [string, string];
  const sameDay = from.slice(0, 10) === to.slice(0, 10);
  return (
    <div
      role="group"
      aria-label="Span shown"
      className="flex items-center rounded-md border border-line-strong bg-surface text-12"
    >
      <Step label="Earlier" press={() => change(moved(span, -0.5, Date.now()))}>
        <ChevronLeft size={14} aria-hidden />
      </Step>
      <span className="tabular px-1 whitespace-nowrap">
        {from} – {sameDay ? to.slice(11) : to}
      </span>
      <Step label="Later" press={() => change(moved(span, 0.5, Date.now()))}>
        <ChevronRight size={14} aria-hidden />
      </Step>
      <Step label="Zoom out" press={() => change(zoomedOut(span, Date.now()))}>
        <ZoomOut size={14} aria-hidden />
      </Step>
      <Step label="Back to now" press={reset}>
        <X size={14} aria-hidden />
      </Step>
    </div>
  );
}

function Step({ label, press, children }: { label: string; press: () => void; children: ReactNode }) {
  return (
    <button
      type="button"
      aria-label={label}
      title={label}
      onClick={press}
      className="flex h-7 items-center px-1.5 text-ink-2 -outline-offset-2 hover:bg-hover hover:text-ink"
    >
      {children}
    </button>
  );
}
