import type { Migration } from '../database/migrate.ts';
import { GRAINS } from './grains.ts';

/** Of each grain the chunks (chunk-codec.ts) of each container and group, by where they begin and end on the wall clock. */
export const MIGRATIONS: readonly Migration[] = [
  `
CREATE TABLE series (
  id INTEGER PRIMARY KEY,
  -- container or group; a container's id, a group's path.
  kind TEXT NOT NULL,
  subject TEXT NOT NULL,
  UNIQUE (kind, subject)
);
${GRAINS.map(
  ({ name }) => `
CREATE TABLE ${name} (
  series BIGINT NOT NULL REFERENCES series (id),
  from_ms BIGINT NOT NULL,
  to_ms BIGINT NOT NULL,
  chunk BLOB NOT NULL,
  PRIMARY KEY (series, from_ms)
);
CREATE INDEX ${name}_in_time ON ${name} (from_ms);`,
).join('')}
-- Up to when each coarser grain is whole.
CREATE TABLE rolled_up (grain TEXT PRIMARY KEY, until_ms BIGINT NOT NULL);
-- When an agent was there and took readings.
CREATE TABLE seen (from_ms BIGINT PRIMARY KEY, to_ms BIGINT NOT NULL);
`,
  `
-- Wall clock less CLOCK_BOOTTIME, as all times of the boot that was seen last have it.
CREATE TABLE boot_clock (boot TEXT PRIMARY KEY, offset_ms BIGINT NOT NULL);
`,
  `
-- Steps of the clock that not every series has followed yet: times from the one to the other move by so much, in the order of the ids.
CREATE TABLE clock_steps (id INTEGER PRIMARY KEY, by_ms BIGINT NOT NULL, from_ms BIGINT NOT NULL, to_ms BIGINT NOT NULL);
-- The last step that it has followed; null: none of those there are.
ALTER TABLE series ADD COLUMN followed BIGINT;
`,
];
