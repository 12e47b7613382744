'use client';

import type { ChartHistory, PlimsollError } from '@plimsoll/protocol';
import { useEffect, useState } from 'react';
import type { ChartTarget } from '../../live/cgroup-samples.ts';
import type { ChartRange } from '../../lib/chart-range.ts';
import { oneAtATime } from '../../live/one-at-a-time.ts';
import { useLive } from '../live-provider.tsx';
import { knownError } from '../notices.tsx';

/** As many as a chart half a wide screen across can show. */
const POINTS = 400;
const LEAST_REFRESH_MS = 10_000;
/** Of what comes live as well: what was before, and what happened. */
const LIVE_REFRESH_MS = 60_000;

export interface PastAsked {
  /** Of the range before while the answer for this one is on its way: what there is of it is drawn meanwhile. */
  history: ChartHistory | null;
  error: PlimsollError | null;
  /** It is the answer for this range. */
  isCurrent: boolean;
}

/** One answer, and what it was asked for. */
interface Held extends Omit<PastAsked, 'isCurrent'> {
  key: string;
  whose: string;
}

/**
 * What the agent keeps of a container or group over a range that ends at `end`; null: now. Asked for again as time goes on. Of a
 * cgroup of the host nothing is kept.
 */
export function useChartHistory(target: ChartTarget, range: ChartRange, end: number | null): PastAsked {
  const connection = useLive()?.connection;
  const [held, setHeld] = useState<Held | null>(null);
  const key = JSON.stringify([target, range, end]);
  const whose = JSON.stringify(target);
  useEffect(() => {
    const [of, asked, until] = JSON.parse(key) as [ChartTarget, ChartRange, number | null];
    if (connection === undefined || of.kind === 'cgroup') return undefined;
    const subject = of.kind === 'container' ? { container: of.container } : { group: of.group };
    const ask = oneAtATime(async () => {
      const to = asked.kind === 'span' ? asked.to : (until ?? Date.now());
      const from = asked.kind === 'span' ? asked.from : to - asked.windowMs;
      const span = { from: new Date(from).toISOString(), to: new Date(to).toISOString() };
      try {
        const history = await connection.command('chart.history', { ...subject, ...span, points: POINTS });
        setHeld({ key, whose, history, error: null });
      } catch (cause) {
        setHeld((before) => ({ key, whose, history: before?.key === key ? before.history : null, error: knownError(cause) }));
      }
    });
    const stop = connection.onConnect(ask);
    // A span that is over stays as it is.
    const isOver = asked.kind === 'span' && asked.to < Date.now() - LEAST_REFRESH_MS;
    const timer = isOver ? undefined : setInterval(ask, refreshMs(asked));
    return () => {
      stop();
      clearInterval(timer);
    };
  }, [connection, key, whose]);
  if (held?.whose !== whose) return { history: null, error: null, isCurrent: false };
  return { history: held.history, error: held.key === key ? held.error : null, isCurrent: held.key === key };
}

function refreshMs(range: ChartRange): number {
  if (range.kind === 'live') return LIVE_REFRESH_MS;
  const spanMs = range.kind === 'span' ? range.to - range.from : range.windowMs;
  return Math.max(LEAST_REFRESH_MS, spanMs / POINTS);
}
