import type { Migration } from '../database/migrate.ts';

/**
 * Append-only: triggers refuse every update, and every deletion of what `retention` has not given up before. They keep a mistake
 * of ours from the log, not root. `once` is what makes an event that can be found out twice go in once; `known` is what the
 * log was last told of each thing, by which the next agent sees what it missed.
 */
export const MIGRATIONS: readonly Migration[] = [
  `
  CREATE TABLE events (
    seq INTEGER NOT NULL PRIMARY KEY,
    at INTEGER NOT NULL,
    kind TEXT NOT NULL,
    subject TEXT NOT NULL,
    subject_id TEXT,
    subject_name TEXT,
    group_path TEXT,
    who TEXT,
    from_over TEXT,
    from_address TEXT,
    detail TEXT NOT NULL,
    error_code TEXT,
    error_message TEXT,
    once TEXT UNIQUE
  ) STRICT;
  CREATE INDEX events_at ON events (at);
  CREATE INDEX events_kind ON events (kind, seq);
  CREATE INDEX events_subject_id ON events (subject_id, seq);
  CREATE INDEX events_subject_name ON events (subject_name, seq);

  CREATE TABLE retention (below INTEGER NOT NULL, dropped INTEGER NOT NULL) STRICT;
  INSERT INTO retention VALUES (0, 0);

  CREATE TABLE known (thing TEXT NOT NULL PRIMARY KEY, value TEXT NOT NULL) STRICT;

  CREATE TRIGGER events_never_change BEFORE UPDATE ON events
  BEGIN
    SELECT RAISE(ABORT, 'the log is append-only: no event changes');
  END;
  CREATE TRIGGER events_stay BEFORE DELETE ON events WHEN OLD.seq >= (SELECT below FROM retention)
  BEGIN
    SELECT RAISE(ABORT, 'the log is append-only: retention alone drops events');
  END;
  CREATE TRIGGER retention_never_returns BEFORE UPDATE ON retention WHEN NEW.below < OLD.below
  BEGIN
    SELECT RAISE(ABORT, 'what retention has given up does not come back');
  END;
  `,
  // Null: from before there was one, so of this host.
  'ALTER TABLE events ADD COLUMN host TEXT',
];
