import { notFound } from '../../not-found.ts';
import type { ChartSubject } from '../charts/chart-store.ts';
import type { Charts } from '../charts/charts.ts';
import { happenings } from '../charts/happenings.ts';
import type { EventLog } from '../events/event-log.ts';
import type { Registry } from '../registry.ts';
import type { Handlers } from './dispatcher.ts';

export interface ChartParts {
  charts: Charts;
  events: EventLog;
  registry: Registry;
}

export function chartHandlers({ charts, events, registry }: ChartParts): Pick<Handlers, 'chart.history'> {
  const find = (container: string | undefined, group: string | undefined): ChartSubject => {
    if (container !== undefined) return { kind: 'container', subject: registry.resolve(container).id };
    if (group !== undefined && registry.group(group) !== undefined) return { kind: 'group', subject: group };
    throw notFound('group', group ?? '');
  };
  return {
    'chart.history': async ({ container, group, from, to, points }) => {
      const subject = find(container, group);
      const [fromMs, toMs] = [Date.parse(from), Date.parse(to)];
      const [told, happened] = await Promise.all([
        charts.view(subject, { fromMs, toMs, points }),
        happenings(events, subject, fromMs, toMs),
      ]);
      return { ...told, ...happened };
    },
  };
}
