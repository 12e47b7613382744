'use client';

import { CHART_COLUMNS, mergeSpans, type ChartColumn, type Incident } from '@plimsoll/protocol';
import { useMemo } from 'react';
import type { CgroupSamples } from '../../live/cgroup-samples.ts';
import { chartRows } from '../../live/chart-rows.ts';
import type { FreezeSpan } from '../../live/freeze-spans.ts';
import { meanOf, pastRows } from '../../live/past-rows.ts';
import type { ChartRange } from '../../lib/chart-range.ts';
import { useChanges } from '../live-provider.tsx';
import type { Plot } from './plot.ts';
import type { PastAsked } from './use-chart-history.ts';

interface Sources {
  samples: CgroupSamples | null;
  past: PastAsked;
  range: ChartRange;
  spans: readonly FreezeSpan[];
  incidents: readonly Incident[];
  /** Null: it goes on. */
  endedAt: number | null;
}

/** What charts draw: the newest samples as they come, or what is kept of the time before. */
export function usePlot({ samples, past: { history }, range, spans, incidents, endedAt }: Sources): Plot {
  const version = useChanges(samples?.notifier);
  const live = range.kind === 'live' ? range.windowMs : null;
  const newest = useMemo((): Plot | null => {
    if (live === null) return null;
    const to = endedAt ?? (samples !== null && samples.ring.length > 0 ? samples.ring.latestTime : Date.now());
    const rows = samples === null ? [] : chartRows(samples.ring, CHART_COLUMNS, to - live, samples.intervalMs);
    // An agent that was started anew has not much to send: what was before is kept.
    const kept =
      history === null ? [] : pastRows(history).filter(({ time }) => time >= to - live && time < (rows[0]?.time ?? to));
    const { frozen = [], unseen = [], restarts = [], incidents: logged = [] } = history ?? {};
    return {
      rows: [...kept, ...rows],
      from: to - live,
      to,
      spans: mergeSpans([spans, ended(frozen, to)]),
      incidents: joined(logged, incidents),
      unseen,
      restarts,
    };
    // The version stands for the readings, which change in place.
    // oxlint-disable-next-line react-hooks/exhaustive-deps
  }, [samples, version, live, spans, incidents, endedAt, history]);
  const before = useMemo((): Plot => {
    const now = endedAt ?? Date.now();
    const [from, to] = range.kind === 'span' ? [range.from, range.to] : [now - range.windowMs, now];
    if (history === null) return { rows: [], from, to, spans: [], incidents: [], unseen: [], restarts: [] };
    const { frozen, unseen, restarts } = history;
    const end = range.kind === 'span' ? to : Math.max(to, history.from + history.steps * history.stepMs);
    return {
      rows: pastRows(history),
      from: range.kind === 'span' ? from : end - range.windowMs,
      to: end,
      spans: frozen,
      incidents: history.incidents,
      unseen,
      restarts,
    };
  }, [history, range, endedAt]);
  return newest ?? before;
}

/** The figure above a chart: of a span its mean, and else the newest; NaN: there is none. */
export function figureOf(plot: Plot, range: ChartRange, samples: CgroupSamples | null, alive: boolean) {
  return (column: ChartColumn): number => {
    if (range.kind === 'span') return meanOf(plot.rows, column);
    return alive ? (samples?.ring.latest(column) ?? NaN) : NaN;
  };
}

/** A freeze that was going on when it was asked about may be over by now, which the live ones tell. */
function ended(spans: readonly FreezeSpan[], to: number): FreezeSpan[] {
  return spans.map((span) => ({ from: span.from, to: span.to ?? to }));
}

/** Those that came live beside those that were asked for: known by what they are of, since their numbers differ. */
function joined(kept: readonly Incident[], live: readonly Incident[]): Incident[] {
  const keyOf = ({ at, kind, container }: Incident) => `${at} ${kind} ${container}`;
  return [...new Map([...kept, ...live].map((incident) => [keyOf(incident), incident])).values()];
}
