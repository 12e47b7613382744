import type { Quantity as Value } from '@plimsoll/protocol/quantities';
import type { ReactNode, Ref } from 'react';
import { Quantity } from '../quantity.tsx';
import type { Series } from './plot.ts';

interface ChartCardProps {
  ref: Ref<HTMLElement>;
  title: string;
  now: Value;
  limit: Value | undefined;
  /** What the figure means, one hover away. */
  definition: string;
  note: string | undefined;
  /** Why the figure is not the whole. */
  partial: string | undefined;
  legend: readonly Series[];
  children: ReactNode;
}

/** A chart below the figure that it ends in. */
export function ChartCard({ ref, title, now, limit, definition, note, partial, legend, children }: ChartCardProps) {
  return (
    <figure ref={ref} className="card min-w-0 p-3 pb-1">
      <figcaption className="mb-1 flex min-h-6 flex-wrap items-baseline gap-x-3 px-1">
        <h2 className="cursor-help text-13 font-semibold" title={definition}>
          {title}
        </h2>
        <span className="cursor-help text-16 font-medium" title={definition}>
          <Quantity value={now} />
        </span>
        <span className="sr-only">{definition}</span>
        {limit !== undefined && (
          <span className="text-13 text-ink-2">
            of <Quantity value={limit} />
          </span>
        )}
        {partial !== undefined && (
          <span className="cursor-help rounded border border-line-strong px-1 text-12 text-ink-2" title={partial}>
            partial
          </span>
        )}
        {note !== undefined && <span className="tabular text-12 text-ink-3">{note}</span>}
        <span className="flex-1" />
        {legend.map(({ label, colour, dashed, definition: meaning }) => (
          <span
            key={label}
            title={meaning}
            className={`inline-flex items-center gap-1.5 self-center text-12 text-ink-2 ${meaning === undefined ? '' : 'cursor-help'}`}
          >
            <span
              aria-hidden
              className={dashed ? 'w-3 border-t-2 border-dashed' : 'size-2.5 rounded-xs'}
              style={dashed ? { borderColor: `var(--color-${colour})` } : { background: `var(--color-${colour})` }}
            />
            {label}
          </span>
        ))}
      </figcaption>
      {children}
    </figure>
  );
}
