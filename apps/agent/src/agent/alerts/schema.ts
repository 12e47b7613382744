import type { Migration } from '../database/migrate.ts';

/** `value` and `body` are JSON, read back by the schemas of stored-rule.ts and the protocol. Times are ms since 1970. */
export const MIGRATIONS: readonly Migration[] = [
  `
  CREATE TABLE rules (id TEXT NOT NULL PRIMARY KEY, value TEXT NOT NULL) STRICT;

  CREATE TABLE alerts (id TEXT NOT NULL PRIMARY KEY, since INTEGER NOT NULL, fires INTEGER NOT NULL, value TEXT NOT NULL) STRICT;
  CREATE INDEX alerts_since ON alerts (since);

  CREATE TABLE deliveries (
    id TEXT NOT NULL PRIMARY KEY,
    rule TEXT NOT NULL,
    made_at INTEGER NOT NULL,
    attempts INTEGER NOT NULL,
    next_at INTEGER NOT NULL,
    body TEXT NOT NULL
  ) STRICT;
  CREATE INDEX deliveries_rule ON deliveries (rule);

  CREATE TABLE progress (seen INTEGER NOT NULL) STRICT;
  INSERT INTO progress VALUES (0);
  `,
];
