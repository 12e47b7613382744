import type { ContainerView } from '@plimsoll/protocol';
import type { Figures } from '../live/figures.ts';
import { stateLabel } from './state-in-words.ts';

const SORT_KEYS = ['name', 'state', 'group', 'image', 'cpu', 'memory', 'io', 'pids', 'created'] as const;
export type SortKey = (typeof SORT_KEYS)[number];

/** What the containers page shows and in which order, as it stands in the URL. */
export interface TableView {
  query: string;
  /** One state alone, as a filter. */
  state: 'all' | 'running' | 'frozen' | 'ended';
  sort: SortKey;
  descending: boolean;
  byGroup: boolean;
}

export const DEFAULT_VIEW: TableView = { query: '', state: 'all', sort: 'created', descending: true, byGroup: false };

export type TableRow = { kind: 'container'; view: ContainerView } | { kind: 'group'; path: string; count: number };

export function readTableView(params: URLSearchParams): TableView {
  const sort = SORT_KEYS.find((key) => key === params.get('sort')) ?? DEFAULT_VIEW.sort;
  const state = (['running', 'frozen', 'ended'] as const).find((name) => name === params.get('state')) ?? 'all';
  const descending = params.has('order') ? params.get('order') === 'desc' : startsDescending(sort);
  return { query: params.get('q') ?? '', state, sort, descending, byGroup: params.get('by') === 'group' };
}

/** Only what differs from the default, so that a plain page has a plain URL. What else is in `before` stays. */
export function writeTableView(view: TableView, before = new URLSearchParams()): URLSearchParams {
  const params = new URLSearchParams(before);
  for (const name of ['q', 'state', 'sort', 'order', 'by']) params.delete(name);
  if (view.query !== '') params.set('q', view.query);
  if (view.state !== 'all') params.set('state', view.state);
  if (view.sort !== DEFAULT_VIEW.sort) params.set('sort', view.sort);
  if (view.descending !== startsDescending(view.sort)) params.set('order', view.descending ? 'desc' : 'asc');
  if (view.byGroup) params.set('by', 'group');
  return params;
}

/** Numbers and times begin with the greatest, words with A. */
export function startsDescending(sort: SortKey): boolean {
  return !['name', 'state', 'group', 'image'].includes(sort);
}

export function tableRows(views: readonly ContainerView[], view: TableView, figures: (id: string) => Figures): TableRow[] {
  const shown = views.filter((container) => matches(container, view));
  const compare = comparator(view, figures);
  if (!view.byGroup) return shown.toSorted(compare).map((container) => ({ kind: 'container', view: container }));
  const groups = Map.groupBy(shown, (container) => container.group);
  return [...groups.keys()].toSorted().flatMap((path) => {
    const members = groups.get(path) ?? [];
    return [
      { kind: 'group', path, count: members.length } as const,
      ...members.toSorted(compare).map((container) => ({ kind: 'container', view: container }) as const),
    ];
  });
}

function matches(container: ContainerView, { query, state }: TableView): boolean {
  const { status } = container.state;
  if (state === 'ended' && status !== 'exited' && status !== 'failed') return false;
  if ((state === 'running' || state === 'frozen') && status !== state) return false;
  if (query === '') return true;
  const text = [container.name, container.group, container.image, container.id, stateLabel(container.state)]
    .join(' ')
    .toLowerCase();
  return query
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word));
}

function comparator({ sort, descending }: TableView, figures: (id: string) => Figures) {
  const sign = descending ? -1 : 1;
  return (a: ContainerView, b: ContainerView): number => {
    // Names order what is equal, whichever way the column is sorted: rows of one value stay where they are.
    const equal = a.name < b.name ? -1 : 1;
    switch (sort) {
      case 'name':
        return sign * equal;
      case 'group':
      case 'image':
        return sign * order(a[sort], b[sort]) || equal;
      case 'created':
        return sign * order(a.createdAt, b.createdAt) || equal;
      case 'state':
        return sign * order(stateLabel(a.state), stateLabel(b.state)) || equal;
      default:
        return byFigure(figures(a.id)[sort], figures(b.id)[sort], sign) || equal;
    }
  };
}

function order(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

/** What has no reading comes last either way. */
function byFigure(a: number, b: number, sign: number): number {
  if (Number.isNaN(a) || Number.isNaN(b)) return Number(Number.isNaN(a)) - Number(Number.isNaN(b));
  return sign * (a - b);
}
