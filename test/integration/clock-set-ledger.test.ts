import { statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { MeterEnd } from '../../apps/agent/src/agent/ledger/input.ts';
import { Ledger } from '../../apps/agent/src/agent/ledger/ledger.ts';
import { HOUR, NOON, SECOND, Subject } from '../../apps/agent/src/agent/ledger/ledger.fixture.ts';
import { FillableDisk, whyNoDisk } from '../support/fillable-disk.ts';
import { until } from '../support/until.ts';

const MEBIBYTE = 1024 * 1024;
const HOST = '00000000-0000-4000-8000-000000000000';
/** Their rows are several times as large as the ledger's WAL. */
const CONTAINERS = 50_000;
const why = whyNoDisk('tmpfs');

/** Began with the host at NOON, and ended so many ms later with 3 ns. */
function endOf(id: string, atMs: number, wrongMs = 0): MeterEnd {
  const subject = new Subject(id);
  Object.assign(subject.info, { beganMs: NOON + wrongMs, boot: { id: 'boot', beganMs: 0 } });
  return subject.end(atMs, 3, { bootMs: atMs, atMs: NOON + atMs + wrongMs });
}

test.skipIf(why !== null)(
  `on a full disk a ledger of many containers follows a clock that is set, and goes on${why === null ? '' : ` (${why})`}`,
  async () => {
    using disk = new FillableDisk('tmpfs', 128 * MEBIBYTE);
    const path = join(disk.directory, 'ledger.db');
    using ledger = new Ledger(path, HOST);
    for (let from = 0; from < CONTAINERS; from += 5000) {
      const ends = Array.from({ length: 5000 }, (_, i) => endOf(String(from + i), SECOND));
      ledger.record({ clock: { bootId: 'boot', bootMs: SECOND, wallMs: NOON + SECOND }, readings: [], ends });
    }
    await until('its space is taken', () => statSync(`${path}-wal`).size >= 4 * MEBIBYTE);
    disk.fill();
    const clock = { bootId: 'boot', bootMs: 2 * SECOND, wallMs: NOON + 2 * SECOND + 5 * HOUR };
    ledger.record({ clock, readings: [], ends: [endOf('late', 2 * SECOND, 5 * HOUR)] });
    const boundariesMs = [NOON, NOON + HOUR, NOON + 5 * HOUR, NOON + 6 * HOUR];
    const { steps } = ledger.usage({ boundariesMs, aggregate: 'image' });
    const used = steps.map(({ rows }) => rows[0]?.totals.cpuNs ?? 0n);
    expect(used).toEqual([0n, 0n, 3n * BigInt(CONTAINERS + 1)]);
  },
);
