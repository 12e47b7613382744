import type { Migration } from '../database/migrate.ts';
import { BOUNDS, COLUMN_OF, COUNTERS, QUANTITIES, type Quantity } from './quantities.ts';

/** Readings kept at each grain: a coarser one has the last of each hour or day of the finer. */
export const GRAINS = ['minutes', 'hours', 'days'] as const;
export type Grain = (typeof GRAINS)[number];

const HOUR_MS = 3_600_000;
export const SPAN_MS: Readonly<Record<Grain, number>> = { minutes: 60_000, hours: HOUR_MS, days: 24 * HOUR_MS };

const mayLack: readonly Quantity[] = COUNTERS;
const later: readonly Quantity[] = BOUNDS;
const totals = QUANTITIES.filter((quantity) => !later.includes(quantity)).map(
  (quantity) => `${COLUMN_OF[quantity]} BIGINT${mayLack.includes(quantity) ? '' : ' NOT NULL'}`,
);
const readings = (grain: Grain) => `
CREATE TABLE ${grain} (
  segment BIGINT NOT NULL,
  at_ms BIGINT NOT NULL,
  ${totals.join(',\n  ')},
  PRIMARY KEY (segment, at_ms)
) WITHOUT ROWID;`;

/**
 * A meter is one incarnation of a container, or one life of a group's cgroup: what the kernel counts from nought. It has one
 * segment for each group that it was in, one after another. Of a segment each row is the meter's totals at an instant; the
 * first segment begins with nought, and each later one with a row that is the last of the one before.
 *
 * Names are those of PostgreSQL where both have them; WITHOUT ROWID is SQLite's alone.
 */
export const MIGRATIONS: readonly Migration[] = [
  `
CREATE TABLE meters (
  id INTEGER PRIMARY KEY,
  kind TEXT NOT NULL CHECK (kind IN ('container', 'group')),
  subject TEXT NOT NULL,
  life TEXT NOT NULL,
  name TEXT NOT NULL,
  image TEXT NOT NULL,
  labels TEXT NOT NULL,
  began_ms BIGINT NOT NULL,
  ended_ms BIGINT,
  -- What the supervisor said at its end; null as well where nobody could read the counters then.
  record TEXT,
  UNIQUE (kind, subject, life)
);
CREATE TABLE segments (
  id INTEGER PRIMARY KEY,
  meter BIGINT NOT NULL REFERENCES meters (id),
  group_path TEXT NOT NULL,
  from_ms BIGINT NOT NULL,
  to_ms BIGINT
);
CREATE INDEX segments_of_meter ON segments (meter);
CREATE INDEX segments_in_time ON segments (to_ms, from_ms);
-- What the next reading of a meter that goes on is counted from, beside its last row.
CREATE TABLE running (
  meter BIGINT PRIMARY KEY REFERENCES meters (id),
  segment BIGINT NOT NULL REFERENCES segments (id),
  monotonic_ms BIGINT NOT NULL,
  memory_kib BIGINT,
  memory_limit_kib BIGINT,
  cpu_limit_ns_per_ms BIGINT,
  frozen INTEGER NOT NULL
);
${readings('minutes')}
${readings('hours')}
${readings('days')}
-- Up to when each coarser grain is whole.
CREATE TABLE rolled_up (grain TEXT PRIMARY KEY, until_ms BIGINT NOT NULL);
`,
  `
-- Where a meter's cgroup was; null: from before there was a host id, which the first to open it fills in.
ALTER TABLE meters ADD COLUMN host TEXT;
-- One row: whose ledger this is.
CREATE TABLE host (id TEXT NOT NULL);
-- When a ledger was damaged or missing, and this one, or an earlier one at its place, was made of what there was.
CREATE TABLE losses (at_ms BIGINT NOT NULL, problem TEXT NOT NULL CHECK (problem IN ('damaged', 'missing')), kept TEXT);
-- The supervisor's records of meters whose rows were not whole, until they are recorded anew.
CREATE TABLE to_record (record TEXT NOT NULL);
`,
  `
-- Of the boot that a meter belongs to: labels of one boot move together when the clock is set. Null: it had ended before this was kept.
ALTER TABLE meters ADD COLUMN boot TEXT;
CREATE INDEX meters_of_boot ON meters (boot);
-- Wall clock less CLOCK_BOOTTIME, as all labels of a boot have it, and until when in the boot that is known.
CREATE TABLE boot_clocks (boot TEXT PRIMARY KEY, offset_ms BIGINT NOT NULL, as_of_ms BIGINT NOT NULL);
${GRAINS.map((grain) => BOUNDS.map((bound) => `ALTER TABLE ${grain} ADD COLUMN ${COLUMN_OF[bound]} BIGINT;`).join('\n')).join('\n')}
`,
  `
-- Up to which number all records of a host's supervisor are in this ledger.
CREATE TABLE compared (host TEXT PRIMARY KEY, seq BIGINT NOT NULL);
`,
  `
-- Wall clock less CLOCK_BOOTTIME as it was seen last; null: as offset_ms. Rows of the boot stay as they were labelled, by offset_ms, and
-- are read with the difference (boot-clocks.ts).
ALTER TABLE boot_clocks ADD COLUMN latest_offset_ms BIGINT;
CREATE INDEX meters_of_boot_in_time ON meters (boot, ended_ms);
DROP INDEX meters_of_boot;
`,
];
