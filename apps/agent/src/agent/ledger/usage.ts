import type { DatabaseSync } from 'node:sqlite';
import { SHIFTED, shiftOf } from './boot-clocks.ts';
import { addDifference, between, difference, plus, zero, type BOUNDS, type Reading, type Totals } from './quantities.ts';
import type { Rows } from './rows.ts';
import { GRAINS, SPAN_MS } from './schema.ts';

/** What usage is told by; a label by its key. */
export type Aggregate = 'container' | 'group' | 'image' | `label:${string}`;

export interface UsageAsked {
  /** Wall clock, ms: from each of these to the next; at least two, ascending. */
  boundariesMs: readonly number[];
  aggregate: Aggregate;
  /** Of what; a group with all that is below it. */
  container?: string;
  group?: string;
  image?: string;
  label?: { key: string; value?: string };
}

interface UsageRow {
  /** The container's id, the group's path, the image's name, the label's value. */
  key: string;
  /** Of a container. */
  name: string | null;
  totals: Totals;
  /** How many containers it is of, and how many of these go on. */
  containers: number;
  running: number;
}

/** A group's own counters beside what its containers, past ones too, come to: of what both count. */
export interface GroupBalance {
  group: string;
  counted: Balanced;
  attributed: Balanced;
}
type Balanced = Pick<Totals, 'cpuNs' | 'elapsedMs'>;

export interface UsageTold {
  steps: { fromMs: number; toMs: number; rows: UsageRow[] }[];
  groups: GroupBalance[];
}

interface Segment {
  id: number;
  meter: number;
  kind: 'container' | 'group';
  group_path: string;
  from_ms: number;
  to_ms: number | null;
  subject: string;
  name: string;
  image: string;
  labels: string;
  began_ms: number;
  ended_ms: number | null;
  /** By how much its labels, these too, are to be moved (boot-clocks.ts). */
  shift_ms: number;
}

/** What was used from each boundary to the next. A span that cuts through two readings is cut in proportion. */
export function usage(database: DatabaseSync, rows: Rows, asked: UsageAsked): UsageTold {
  const { boundariesMs } = asked;
  const [fromMs = 0] = boundariesMs;
  const toMs = boundariesMs.at(-1) ?? fromMs;
  const steps = boundariesMs.slice(1).map((to, i) => ({ fromMs: boundariesMs[i] ?? to, toMs: to, rows: new Tally() }));
  const balances = new Map<string, GroupBalance>();
  for (const segment of segmentsIn(database, fromMs, toMs)) {
    const { shift_ms: shiftMs } = segment;
    const isContainer = segment.kind === 'container';
    const told = isContainer && isAskedFor(segment, asked) ? keyOf(segment, asked.aggregate) : null;
    if (isContainer && told === null) continue;
    if (!isContainer && !isGroupAskedFor(segment, asked)) continue;
    const at =
      steps.length > 1
        ? seriesOf(
            rows,
            segment,
            boundariesMs.map((ms) => ms - shiftMs),
          )
        : (atMs: number) => pointAt(rows, segment, atMs);
    const groups = isContainer ? lineage(segment.group_path) : [segment.group_path];
    let before = at(fromMs - shiftMs);
    for (const step of steps) {
      const [beginMs, endMs] = [step.fromMs - shiftMs, step.toMs - shiftMs];
      if (endMs <= segment.from_ms || (segment.to_ms !== null && beginMs >= segment.to_ms)) continue;
      const after = at(endMs);
      if (told !== null) step.rows.add(told, segment, before, after);
      for (const group of groups) balance(balances, group, isContainer ? 'attributed' : 'counted', before.totals, after.totals);
      before = after;
    }
  }
  return {
    steps: steps.map((step) => ({ ...step, rows: step.rows.rows })),
    groups: [...balances.values()]
      .filter(({ counted }) => counted.elapsedMs > 0n)
      .toSorted((a, b) => (a.group < b.group ? -1 : 1)),
  };
}

/** Those that reach into a span of time: by their own labels, and of boots whose clock was set by these moved. */
function segmentsIn(database: DatabaseSync, fromMs: number, toMs: number): Segment[] {
  const columns = `s.id, s.meter, s.group_path, s.from_ms, s.to_ms, m.kind, m.subject, m.name, m.image, m.labels, m.began_ms,
    m.ended_ms, ${shiftOf('c')} AS shift_ms`;
  const among = (meters: string): string =>
    `SELECT ${columns} FROM ${SHIFTED.from} WHERE ${SHIFTED.where} AND ${meters}
     AND s.from_ms < ?1 - ${shiftOf('c')} AND (s.to_ms IS NULL OR s.to_ms > ?2 - ${shiftOf('c')})`;
  const parts = [
    `SELECT ${columns} FROM segments s JOIN meters m ON m.id = s.meter LEFT JOIN boot_clocks c ON c.boot = m.boot
     WHERE s.from_ms < ?1 AND (s.to_ms IS NULL OR s.to_ms > ?2) AND ${shiftOf('c')} = 0`,
    among('m.ended_ms IS NULL'),
    among(`m.ended_ms > ?2 - ${shiftOf('c')}`),
  ];
  return parts.flatMap((sql) => database.prepare(sql).all({ 1: toMs, 2: fromMs }) as unknown as Segment[]);
}

/** A segment's totals at an instant, nought before it begins. */
function pointAt(rows: Rows, { id, from_ms: fromMs, to_ms: toMs, began_ms: beganMs }: Segment, atMs: number): Point {
  if (atMs <= fromMs && fromMs === beganMs) return exactly(zero());
  if (atMs <= fromMs) return exactly(rows.before(id, fromMs)?.totals ?? zero());
  if (toMs !== null && atMs >= toMs) return exactly(rows.before(id, toMs)?.totals ?? zero());
  const before: Reading = rows.before(id, atMs) ?? { atMs: fromMs, totals: zero() };
  const after = before.atMs === atMs ? null : rows.after(id, atMs);
  return after === null ? exactly(before.totals) : cut(exactAt(before), exactAt(after), atMs);
}

/** The same for ascending instants, from readings that are no finer than the steps want. */
function seriesOf(rows: Rows, segment: Segment, boundariesMs: readonly number[]): (atMs: number) => Point {
  const [fromMs = 0, secondMs = 0] = boundariesMs;
  const toMs = boundariesMs.at(-1) ?? fromMs;
  const first = { atMs: fromMs, ...pointAt(rows, segment, fromMs) };
  const last = { atMs: toMs, ...pointAt(rows, segment, toMs) };
  const readings = [first, ...readingsBetween(rows, segment, fromMs, toMs, secondMs - fromMs).map(exactAt), last];
  let next = 0;
  return (atMs) => {
    while (next < readings.length - 1 && (readings[next]?.atMs ?? 0) < atMs) next++;
    const [before, after] = [readings[next - 1], readings[next] ?? last];
    if (before === undefined || after.atMs <= atMs) return after;
    if (atMs <= segment.from_ms) return first;
    return cut(before, after, atMs);
  };
}

/** Days where these are fine enough, hours where days are not made yet, and so on. */
function readingsBetween(rows: Rows, { id, from_ms: beginMs }: Segment, fromMs: number, toMs: number, stepMs: number): Reading[] {
  const found: Reading[] =
    fromMs < beginMs && beginMs < toMs ? [{ atMs: beginMs, totals: rows.before(id, beginMs)?.totals ?? zero() }] : [];
  let doneMs = Math.max(fromMs, beginMs);
  for (const grain of GRAINS.toReversed()) {
    if (SPAN_MS[grain] > stepMs && grain !== 'minutes') continue;
    const some = rows.range(grain, id, doneMs, toMs);
    found.push(...some);
    doneMs = some.at(-1)?.atMs ?? doneMs;
  }
  return found;
}

/** Totals at an instant, on the line between the readings around it; what is bounded is so by the readings themselves. */
interface Point {
  totals: Totals;
  before: Bounds;
  after: Bounds;
}
type Bounds = Pick<Totals, (typeof BOUNDS)[number]>;

function exactly(totals: Totals): Point {
  return { totals, before: totals, after: totals };
}

function exactAt({ atMs, totals }: Reading): Point & Reading {
  return { atMs, ...exactly(totals) };
}

function cut(earlier: Point & Reading, later: Point & Reading, atMs: number): Point {
  return { totals: between(earlier, later, atMs), before: earlier.before, after: later.after };
}

/** Of a span that begins or ends between two readings: all between them may lie outside of it, or in it. */
function boundsOf(from: Point, to: Point): Bounds {
  const least = minus(to.before.memoryLeastKibMs, from.after.memoryLeastKibMs);
  return {
    memoryLeastKibMs: least !== null && least < 0n ? 0n : least,
    memoryMostKibMs: minus(to.after.memoryMostKibMs, from.before.memoryMostKibMs),
  };
}

function minus(a: bigint | null, b: bigint | null): bigint | null {
  return a === null || b === null ? null : a - b;
}

class Tally {
  readonly #rows = new Map<string, UsageRow & { meters: Map<number, boolean> }>();

  add({ key, name }: { key: string; name: string | null }, segment: Segment, before: Point, after: Point): void {
    const row = this.#rows.get(key);
    const isRunning = segment.ended_ms === null;
    if (row === undefined) {
      const meters = new Map([[segment.meter, isRunning]]);
      const totals = { ...difference(after.totals, before.totals), ...boundsOf(before, after) };
      return void this.#rows.set(key, { key, name, totals, containers: 0, running: 0, meters });
    }
    const { memoryLeastKibMs, memoryMostKibMs } = row.totals;
    addDifference(row.totals, before.totals, after.totals);
    const bounds = boundsOf(before, after);
    row.totals.memoryLeastKibMs = plus(memoryLeastKibMs, bounds.memoryLeastKibMs);
    row.totals.memoryMostKibMs = plus(memoryMostKibMs, bounds.memoryMostKibMs);
    row.meters.set(segment.meter, isRunning);
  }

  get rows(): UsageRow[] {
    return [...this.#rows.values()]
      .map(({ meters, ...row }) => ({ ...row, containers: meters.size, running: [...meters.values()].filter(Boolean).length }))
      .toSorted((a, b) =>
        a.totals.cpuNs === b.totals.cpuNs ? a.key.localeCompare(b.key) : a.totals.cpuNs > b.totals.cpuNs ? -1 : 1,
      );
  }
}

function isAskedFor(segment: Segment, { container, group, image, label }: UsageAsked): boolean {
  if (container !== undefined && container !== segment.subject && container !== segment.name) return false;
  if (group !== undefined && !isIn(segment.group_path, group)) return false;
  if (image !== undefined && image !== segment.image) return false;
  if (label === undefined) return true;
  const value = labelOf(segment, label.key);
  return label.value === undefined ? value !== undefined : value === label.value;
}

/** A balance means something where all of a group's containers are looked at. */
function isGroupAskedFor(segment: Segment, { container, group, image, label }: UsageAsked): boolean {
  const isOfAll = container === undefined && image === undefined && label === undefined;
  return isOfAll && (group === undefined || isIn(segment.group_path, group));
}

function keyOf(segment: Segment, aggregate: Aggregate): { key: string; name: string | null } {
  if (aggregate === 'container') return { key: segment.subject, name: segment.name };
  if (aggregate === 'group') return { key: segment.group_path, name: null };
  if (aggregate === 'image') return { key: segment.image, name: null };
  return { key: labelOf(segment, aggregate.slice('label:'.length)) ?? '', name: null };
}

function labelOf({ labels }: Segment, key: string): string | undefined {
  const parsed = parseLabels(labels);
  return Object.hasOwn(parsed, key) ? parsed[key] : undefined;
}

/** SQLite does not notice a flipped bit in a text: such labels count as none. */
function parseLabels(text: string): Record<string, string> {
  try {
    return JSON.parse(text) as Record<string, string>;
  } catch {
    return {};
  }
}

function isIn(path: string, group: string): boolean {
  return path === group || path.startsWith(`${group}/`);
}

function lineage(group: string): string[] {
  const parts = group.split('/');
  return parts.map((_, i) => parts.slice(0, i + 1).join('/'));
}

function balance(
  balances: Map<string, GroupBalance>,
  group: string,
  side: 'counted' | 'attributed',
  before: Totals,
  after: Totals,
): void {
  let one = balances.get(group);
  if (one === undefined) {
    one = { group, counted: { cpuNs: 0n, elapsedMs: 0n }, attributed: { cpuNs: 0n, elapsedMs: 0n } };
    balances.set(group, one);
  }
  one[side].cpuNs += after.cpuNs - before.cpuNs;
  one[side].elapsedMs += after.elapsedMs - before.elapsedMs;
}
