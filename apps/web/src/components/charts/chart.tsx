'use client';

import { useRef } from 'react';
import type { ChartColumn } from '@plimsoll/protocol';
import { ChartCard } from './chart-card.tsx';
import type { Plot } from './plot.ts';
import type { ChartSpec } from './specs.ts';
import { TimeChart } from './time-chart.tsx';
import { useOnScreen } from './use-on-screen.ts';

interface ChartProps {
  spec: ChartSpec;
  plot: Plot;
  now: (column: ChartColumn) => number;
  limit: number | undefined;
  partial: boolean;
  /** The figures are means of what is shown. */
  isMean: boolean;
  select: ((from: number, to: number) => void) | undefined;
}

const PARTIAL =
  'Partial: on this host the io controller is cgroup v1, which counts direct and synchronous io, and not what the kernel writes back later.';

export function Chart({ spec, plot, now, limit, partial, isMean, select }: ChartProps) {
  const card = useRef<HTMLElement>(null);
  const onScreen = useOnScreen(card);
  const { subject, title, definition, headline, series, more, note, axis, format } = spec;
  const figure = headline(now);
  // Of nothing there is no part.
  const isPartial = partial && figure.unit !== '';
  return (
    <ChartCard
      ref={card}
      title={title}
      now={figure}
      limit={limit === undefined ? undefined : format(limit)}
      definition={isPartial ? `${definition} ${PARTIAL}` : definition}
      note={isMean && figure.unit !== '' ? 'on average' : note?.(now)}
      partial={isPartial ? PARTIAL : undefined}
      legend={series.length > 1 ? series : []}
    >
      <TimeChart
        label={title}
        idle={!onScreen}
        plot={plot}
        series={series}
        more={more}
        limit={limit}
        axis={axis}
        format={format}
        subject={subject}
        select={select}
      />
    </ChartCard>
  );
}
