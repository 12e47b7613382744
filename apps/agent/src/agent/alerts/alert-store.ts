import type { DatabaseSync } from 'node:sqlite';
import type { Alert } from '@plimsoll/protocol';
import { copyReadable } from '../database/copy-readable.ts';
import { openDamagedCopy, type Damaged } from '../database/damaged-copy.ts';
import { inTransaction } from '../database/migrate.ts';
import { closeDatabase, openDatabase } from '../database/open.ts';
import type { Delivery } from './delivery.ts';
import { MIGRATIONS } from './schema.ts';
import type { StoredRule } from './stored-rule.ts';

/** Those that are over; what fires is kept however many. */
export const MOST_ALERTS = 1000;

const KIBIBYTE = 1024;
/** That the disk is full is an alert, too. */
const SPACE = { walBytes: 256 * KIBIBYTE, freeBytes: 256 * KIBIBYTE };

/** What goes into the file at once, whole or not at all. */
export interface AlertBatch {
  /** New or changed, in order. */
  alerts: readonly Alert[];
  deliveries: readonly Delivery[];
  /** The last event that rules have looked at. Null: as before. */
  seen: number | null;
}

/** Rules and alerts as JSON: this thread does without what would check them (zod), which takes more memory than all else of it. */
export interface Loaded {
  rules: string[];
  /** The oldest first. */
  alerts: string[];
  deliveries: Delivery[];
  seen: number;
}

/** Rules, alerts and deliveries as their thread has them. Blocks; every change is on disk before it returns. */
export class AlertStore {
  readonly #path: string;
  readonly #database: DatabaseSync;

  constructor(path: string) {
    this.#path = path;
    this.#database = openDatabase(path, MIGRATIONS, 'full', SPACE);
  }

  load(): Loaded {
    const values = (sql: string) => (this.#database.prepare(sql).all() as { value: string }[]).map(({ value }) => value);
    const { seen } = this.#database.prepare('SELECT COALESCE(MAX(seen), 0) AS seen FROM progress').get() as { seen: number };
    const deliveries = this.#database
      .prepare('SELECT id, rule, made_at AS madeAt, attempts, next_at AS nextAt, body FROM deliveries ORDER BY made_at')
      .all() as unknown as Delivery[];
    return {
      rules: values('SELECT value FROM rules'),
      alerts: values('SELECT value FROM alerts ORDER BY since'),
      deliveries: deliveries.map((delivery) => ({ ...delivery })),
      seen,
    };
  }

  saveRule(rule: StoredRule): void {
    this.#database
      .prepare('INSERT INTO rules (id, value) VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET value = excluded.value')
      .run(rule.id, JSON.stringify(rule));
  }

  /** And what is still to be delivered of it. */
  removeRule(id: string): void {
    inTransaction(this.#database, () => {
      this.#database.prepare('DELETE FROM rules WHERE id = ?').run(id);
      this.#database.prepare('DELETE FROM deliveries WHERE rule = ?').run(id);
    });
  }

  record({ alerts, deliveries, seen }: AlertBatch): void {
    inTransaction(this.#database, () => {
      const put = this.#database.prepare(
        `INSERT INTO alerts (id, since, fires, value) VALUES (?, ?, ?, ?)
         ON CONFLICT (id) DO UPDATE SET fires = excluded.fires, value = excluded.value`,
      );
      for (const alert of alerts) put.run(alert.id, alert.since, alert.until === null ? 1 : 0, JSON.stringify(alert));
      for (const delivery of deliveries) this.#addDelivery(delivery);
      if (seen !== null) this.#database.prepare('UPDATE progress SET seen = ?').run(seen);
      this.#database
        .prepare(`DELETE FROM alerts WHERE id IN (SELECT id FROM alerts WHERE fires = 0 ORDER BY since DESC LIMIT -1 OFFSET ?)`)
        .run(MOST_ALERTS);
    });
  }

  delay({ id, attempts, nextAt }: Pick<Delivery, 'id' | 'attempts' | 'nextAt'>): void {
    this.#database.prepare('UPDATE deliveries SET attempts = ?, next_at = ? WHERE id = ?').run(attempts, nextAt, id);
  }

  /** Delivered, or given up. */
  settle(ids: readonly string[]): void {
    const remove = this.#database.prepare('DELETE FROM deliveries WHERE id = ?');
    inTransaction(this.#database, () => ids.forEach((id) => remove.run(id)));
  }

  /** Takes what can be read of a damaged file. */
  carryOver(damaged: Damaged): void {
    using copy = openDamagedCopy(damaged, { path: this.#path, like: this.#database });
    for (const table of ['rules', 'alerts', 'deliveries', 'progress']) copyReadable(copy.database, this.#database, table);
    inTransaction(this.#database, () => {
      this.#database.exec('UPDATE progress SET seen = (SELECT MAX(seen) FROM progress)');
      this.#database.exec('DELETE FROM progress WHERE rowid > (SELECT MIN(rowid) FROM progress)');
    });
  }

  close(): void {
    closeDatabase(this.#database, this.#path);
  }

  #addDelivery({ id, rule, madeAt, attempts, nextAt, body }: Delivery): void {
    this.#database
      .prepare(
        'INSERT INTO deliveries (id, rule, made_at, attempts, next_at, body) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING',
      )
      .run(id, rule, madeAt, attempts, nextAt, body);
  }
}
