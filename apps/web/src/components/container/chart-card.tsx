import type { ReactNode } from 'react';
import type { Quantity as Value } from '../../lib/format.ts';
import { Quantity } from '../quantity.tsx';
import type { Series } from './time-chart.tsx';

interface ChartCardProps {
  title: string;
  now: Value;
  limit?: Value | undefined;
  /** What the figure means, one hover away. */
  definition?: string;
  note?: string | undefined;
  legend?: readonly Series[];
  children: ReactNode;
}

/** A chart below the figure that it ends in. */
export function ChartCard({ title, now, limit, definition, note, legend = [], children }: ChartCardProps) {
  return (
    <figure className="card min-w-0 p-3 pb-1">
      <figcaption className="mb-1 flex flex-wrap items-baseline gap-x-3 px-1">
        <h2 className="text-13 font-semibold">{title}</h2>
        <span className={`text-16 font-medium ${definition === undefined ? '' : 'cursor-help'}`} title={definition}>
          <Quantity value={now} />
        </span>
        {limit !== undefined && (
          <span className="text-13 text-ink-2">
            of <Quantity value={limit} />
          </span>
        )}
        {note !== undefined && <span className="tabular text-12 text-ink-3">{note}</span>}
        <span className="flex-1" />
        {legend.map(({ label, colour, dashed }) => (
          <span key={label} className="inline-flex items-center gap-1.5 self-center text-12 text-ink-2">
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
