import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { MeterReading } from '../../apps/agent/src/agent/ledger/input.ts';
import { Ledger } from '../../apps/agent/src/agent/ledger/ledger.ts';
import type { UsageAsked } from '../../apps/agent/src/agent/ledger/usage.ts';
import { milliseconds, summarize } from './lib/statistics.ts';

/**
 * A month of many containers, through the way that the agent's readings take: a batch a minute, on disk each, rolled up as the
 * agent does it. Then its size, and what questions cost.
 */
const CONTAINERS = Number(process.env['CONTAINERS'] ?? 1000);
const DAYS = Number(process.env['DAYS'] ?? 30);
/** Minutes between readings of days that are rolled up in the end: of these only the last of each hour stays. */
const SPARSE_MINUTES = Number(process.env['SPARSE_MINUTES'] ?? 20);
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const RETENTION = { minutesMs: 2 * DAY, hoursMs: 10 * DAY, daysMs: 1100 * DAY };
const FROM = Date.parse('2026-01-01T00:00:00Z');
const TO = FROM + DAYS * DAY;

const directory = mkdtempSync(join(tmpdir(), 'plim-bench-ledger-'));
const path = join(directory, 'ledger.db');
try {
  const ledger = new Ledger(path, randomUUID());
  const batches: number[] = [];
  let lastMs = FROM;
  for (let atMs = FROM; atMs <= TO;) {
    const isDense = atMs >= TO - 2 * DAY;
    atMs += isDense ? MINUTE : SPARSE_MINUTES * MINUTE;
    const readings = Array.from({ length: CONTAINERS }, (_, i) => reading(i, atMs, atMs - lastMs));
    const from = performance.now();
    ledger.record({ readings, ends: [] });
    if (isDense) batches.push(performance.now() - from);
    if (Math.floor(atMs / DAY) !== Math.floor(lastMs / DAY)) ledger.rollUp(atMs, RETENTION);
    lastMs = atMs;
  }
  const rollUpFrom = performance.now();
  ledger.rollUp(TO + 2 * DAY, { ...RETENTION, minutesMs: 0 });
  const rollUpMs = performance.now() - rollUpFrom;
  ledger[Symbol.dispose]();
  const reopened = new Ledger(path, randomUUID());
  reopened.rollUp(TO + 2 * DAY, { ...RETENTION, minutesMs: 0 });
  console.log(`${CONTAINERS} containers, ${DAYS} days`);
  console.log(`  a minute's batch      ${milliseconds(summarize(batches))}`);
  console.log(`  roll-up of two days   ${rollUpMs.toFixed(0)} ms`);
  const ask = (name: string, asked: UsageAsked) => {
    const took = Array.from({ length: 9 }, () => {
      const from = performance.now();
      reopened.usage(asked);
      return performance.now() - from;
    });
    console.log(`  ${name.padEnd(22)}${milliseconds(summarize(took))}`);
  };
  const byDay = Array.from({ length: DAYS + 1 }, (_, i) => FROM + i * DAY);
  ask('month by container', { boundariesMs: [FROM, TO], aggregate: 'container' });
  ask('month by group', { boundariesMs: [FROM, TO], aggregate: 'group' });
  ask('month by day and group', { boundariesMs: byDay, aggregate: 'group' });
  ask('one container by day', { boundariesMs: byDay, aggregate: 'container', container: 'container-7' });
  const verifyFrom = performance.now();
  const { problems, readings } = reopened.verify();
  console.log(`  verify ${readings} readings: ${(performance.now() - verifyFrom).toFixed(0)} ms, ${problems.length} problems`);
  reopened[Symbol.dispose]();
  // What was let go of is room for what comes, and no part of what is kept.
  const database = new DatabaseSync(path);
  database.exec('VACUUM');
  database.close();
  const bytes = statSync(path).size;
  console.log(
    `  size after roll-up    ${(bytes / 2 ** 20).toFixed(1)} MiB, ${(bytes / CONTAINERS / DAYS).toFixed(0)} bytes a container and day`,
  );
} finally {
  rmSync(directory, { recursive: true });
}

function reading(i: number, atMs: number, sinceMs: number): MeterReading {
  const elapsed = BigInt(atMs - FROM);
  const name = `container-${i}`;
  return {
    info: {
      kind: 'container',
      subject: name,
      life: '1',
      name,
      image: 'base',
      labels: { team: `t${i % 7}` },
      beganMs: FROM,
      boot: null,
    },
    ...{ group: `group-${i % 20}`, atMs, bootMs: null, monotonicMs: atMs - FROM + 1000 },
    counters: {
      cpuNs: elapsed * 123_457n * BigInt(1 + (i % 5)),
      ...{ ioReadBytes: elapsed * 11n, ioWriteBytes: elapsed * 29n, ioReadOps: elapsed / 1000n, ioWriteOps: elapsed / 700n },
      ...{ netReceivedBytes: elapsed * 3n, netSentBytes: elapsed * 2n },
    },
    ...{ memoryKib: 100_000 + i, memoryPeakKib: 120_000 + i, sampledMs: sinceMs, gapMs: 0 },
    ...{ memoryKibMs: (100_000 + i) * sinceMs, memoryLeastKibMs: 90_000 * sinceMs, memoryMostKibMs: (120_000 + i) * sinceMs },
    ...{ reserved: { memoryKib: 262_144, cpuNsPerMs: 500_000 }, frozen: false },
  };
}
