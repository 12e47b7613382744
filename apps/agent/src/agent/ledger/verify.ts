import type { DatabaseSync } from 'node:sqlite';
import { QUANTITIES, zero, type Quantity, type Reading, type Totals } from './quantities.ts';
import { READING_COLUMNS, toReading, type Rows } from './rows.ts';
import { GRAINS } from './schema.ts';
import { shiftOf } from './boot-clocks.ts';
import { usage, type GroupBalance } from './usage.ts';

/** Told of each problem, and of which meter it is. */
type Complain = (problem: string, meter: number) => void;

export interface Verdict {
  meters: number;
  readings: number;
  /** Sentences; none: the ledger is sound. */
  problems: string[];
  groups: GroupBalance[];
}

interface SegmentRow {
  id: number;
  meter: number;
  group_path: string;
  from_ms: number;
  to_ms: number | null;
  kind: string;
  name: string;
  life: string;
  ended_ms: number | null;
  record: string | null;
  /** By how much its labels are to be moved (boot-clocks.ts). */
  shift_ms: number;
}

/** What the kernel counts, and a group's own counter counts too. */
const CONSERVED = ['cpuNs'] as const satisfies Quantity[];
const MOST_PROBLEMS = 100;

/**
 * Recomputes everything from the rows that are kept. Coarser grains are the finer ones' rows; totals never fall; segments of a
 * meter join without a gap or an overlap; a meter that has ended ends with what the supervisor read last; and what a group's
 * cgroup has counted is at least what its members, all that it ever had, come to.
 */
export function verify(database: DatabaseSync, rows: Rows): Verdict {
  const problems: string[] = [];
  const complain = (problem: string): void => {
    if (problems.length < MOST_PROBLEMS) problems.push(problem);
  };
  const { segments, readings } = verifyMeters(database, rows, complain);
  const { groups } = usage(database, rows, { boundariesMs: [0, Number.MAX_SAFE_INTEGER], aggregate: 'group' });
  for (const { group, counted, attributed } of groups) {
    for (const quantity of CONSERVED) {
      const [own, members] = [counted[quantity], attributed[quantity]];
      // Of what runs, the group's last reading may be older than its members'.
      if (own < members && !hasRunning(segments, group)) {
        complain(`group "${group}": its cgroup counted ${own} of ${quantity}, and its members come to ${members}`);
      }
    }
  }
  return { meters: new Set(segments.map(({ meter }) => meter)).size, readings, problems, groups };
}

/** Each meter for itself. */
export function verifyMeters(
  database: DatabaseSync,
  rows: Rows,
  complain: Complain,
): { segments: readonly SegmentRow[]; readings: number } {
  const segments = database
    .prepare(
      `SELECT s.*, m.kind, m.name, m.life, m.ended_ms, m.record, ${shiftOf('c')} AS shift_ms
       FROM segments s JOIN meters m ON m.id = s.meter LEFT JOIN boot_clocks c ON c.boot = m.boot ORDER BY s.meter, s.id`,
    )
    .all() as unknown as SegmentRow[];
  const everyRow = rows.prepare(
    `SELECT * FROM (${GRAINS.map((grain, i) => `SELECT ${READING_COLUMNS}, ${i} AS grain FROM ${grain} WHERE segment = ?`).join(' UNION ALL ')}) AS every ORDER BY at_ms, grain`,
  );
  let readings = 0;
  let previous: SegmentRow | null = null;
  let last: Reading | null = null;
  for (const segment of segments) {
    const report = (problem: string): void => complain(problem, segment.meter);
    const who = `${segment.kind} "${segment.name}", life ${segment.life}`;
    const instant = (atMs: number): string => new Date(atMs + segment.shift_ms).toISOString();
    const isFirst = previous?.meter !== segment.meter;
    const all = everyRow.all(...GRAINS.map(() => segment.id)) as unknown as (bigint | null)[][];
    readings += all.length;
    const joined = join(all, (atMs) => report(`${who}: its grains differ at ${instant(atMs)}`));
    if (!isFirst && previous?.to_ms !== segment.from_ms) {
      report(`${who}: its time in "${segment.group_path}" does not begin where that in "${previous?.group_path}" ends`);
    }
    let before: Totals = isFirst ? zero() : (last?.totals ?? zero());
    if (!isFirst && !isSame(joined[0]?.totals, before)) report(`${who}: something is missing where it changed its group`);
    for (const { atMs, totals } of joined) {
      const fell = QUANTITIES.filter((quantity) => (totals[quantity] ?? 0n) < (before[quantity] ?? 0n));
      if (fell.length > 0) report(`${who}: ${fell.join(', ')} fell at ${instant(atMs)}`);
      if (atMs < segment.from_ms || (segment.to_ms !== null && atMs > segment.to_ms)) {
        report(`${who}: a reading of ${instant(atMs)} lies outside of its segment`);
      }
      const { memoryKibMs, memoryLeastKibMs: least, memoryMostKibMs: most } = totals;
      if ((least !== null && least > memoryKibMs) || (most !== null && most < memoryKibMs)) {
        report(`${who}: its memory at ${instant(atMs)} is not between the least and the most that it can be`);
      }
      before = totals;
    }
    last = joined.at(-1) ?? null;
    const isLast = segment.to_ms !== null && segment.to_ms === segment.ended_ms;
    if (isLast) checkEnd(segment, last, (what) => report(`${who}: ${what}`));
    previous = segment;
  }
  return { segments, readings };
}

/** Rows of every grain as one series; where several have one instant they must be the same. */
function join(all: readonly (bigint | null)[][], differs: (atMs: number) => void): Reading[] {
  const joined: Reading[] = [];
  for (const row of all) {
    const reading = toReading(row);
    const same = joined.at(-1);
    if (same?.atMs !== reading.atMs) joined.push(reading);
    else if (!isSame(same.totals, reading.totals)) differs(reading.atMs);
  }
  return joined;
}

/** By the supervisor's record. */
function checkEnd({ kind, record }: SegmentRow, last: Reading | null, complain: (what: string) => void): void {
  let counters: ReturnType<typeof parseCounters>;
  try {
    counters = parseCounters(record);
  } catch {
    return complain('the record of its end is damaged');
  }
  if (counters === null) return;
  if (last === null) return complain('its last reading is missing');
  for (const [quantity, value] of counters) {
    // On v1 a group's io falls when a cgroup in it goes, whose io it then forgets.
    if (kind === 'group' && !CONSERVED.some((one) => one === quantity)) continue;
    if (value !== null && last.totals[quantity] !== BigInt(value)) {
      complain(`it ended with ${value} of ${quantity}, and the ledger has ${last.totals[quantity]}`);
    }
  }
}

function parseCounters(record: string | null): [Quantity, string | null][] | null {
  if (record === null || record === '') return null;
  const { counters } = JSON.parse(record) as { counters: Record<string, string | null> | null };
  if (counters === null) return null;
  const { cpuUsageNs, ioReadBytes, ioWriteBytes, ioReadOps, ioWriteOps } = counters;
  return Object.entries({ cpuNs: cpuUsageNs, ioReadBytes, ioWriteBytes, ioReadOps, ioWriteOps }).map(([quantity, value]) => [
    quantity as Quantity,
    value ?? null,
  ]);
}

function hasRunning(segments: readonly SegmentRow[], group: string): boolean {
  return segments.some(
    ({ kind, ended_ms: endedMs, group_path: path }) =>
      kind === 'container' && endedMs === null && (path === group || path.startsWith(`${group}/`)),
  );
}

function isSame(a: Totals | undefined, b: Totals): boolean {
  return a !== undefined && QUANTITIES.every((quantity) => a[quantity] === b[quantity]);
}
