import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ChartRollUp } from '../../apps/agent/src/agent/charts/chart-roll-up.ts';
import { ChartStore, type ChartSubject } from '../../apps/agent/src/agent/charts/chart-store.ts';
import { chartView } from '../../apps/agent/src/agent/charts/chart-view.ts';
import { samples } from '../../apps/agent/src/agent/charts/charts.fixture.ts';
import { GRAINS } from '../../apps/agent/src/agent/charts/grains.ts';
import { MIGRATIONS } from '../../apps/agent/src/agent/charts/schema.ts';
import { openDatabase } from '../../apps/agent/src/agent/database/open.ts';
import { milliseconds, summarize } from './lib/statistics.ts';

/**
 * Charts of some containers over a month, each second's samples through the way that the agent's take, rolled up as it does it:
 * what a minute of one costs, how much of the disk a day takes at each grain, and what a page's question costs. They are busy ones:
 * nearly every column changes with every sample.
 */
const CONTAINERS = Number(process.env['CONTAINERS'] ?? 2);
const DAYS = Number(process.env['DAYS'] ?? 30);
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const RETENTION = { seconds: 2 * HOUR, tens: 36 * HOUR, fives: 31 * DAY, hours: 400 * DAY };
const FROM = Date.parse('2026-01-01T00:00:00Z');
const TO = FROM + DAYS * DAY;

const directory = mkdtempSync(join(tmpdir(), 'plim-bench-charts-'));
try {
  using store = new ChartStore(openDatabase(join(directory, 'charts.db'), MIGRATIONS, 'normal'));
  const rollUp = new ChartRollUp(store);
  let [addMs, rollUpMs] = [0, 0];
  for (let atMs = FROM; atMs < TO; atMs += MINUTE) {
    const chunks = Array.from({ length: CONTAINERS }, (_, i) => ({ ...subject(i), chunk: samples(atMs, minute(i, atMs)) }));
    const began = performance.now();
    store.add(chunks, { from: FROM, to: atMs + MINUTE });
    const added = performance.now();
    if (atMs % (10 * MINUTE) === 0) while (rollUp.run(atMs, RETENTION));
    addMs += added - began;
    rollUpMs += performance.now() - added;
  }
  while (rollUp.run(TO, RETENTION));
  const minutes = (CONTAINERS * DAYS * DAY) / MINUTE;
  console.log(`${CONTAINERS} busy containers, ${DAYS} days`);
  console.log(
    `  a container's minute  ${(addMs / minutes).toFixed(3)} ms to store, ${(rollUpMs / minutes).toFixed(3)} ms to roll up`,
  );
  for (const { name, stepMs } of GRAINS) {
    const { bytes, ms } = store.database
      .prepare(`SELECT SUM(LENGTH(chunk)) AS bytes, SUM(to_ms - from_ms) AS ms FROM ${name}`)
      .get() as {
      bytes: number;
      ms: number;
    };
    console.log(`  ${`${stepMs / 1000} s`.padEnd(22)}${((bytes / ms) * DAY).toFixed(0)} bytes a container-day`);
  }
  for (const [window, spanMs] of [
    ['an hour', HOUR],
    ['six hours', 6 * HOUR],
    ['a day', DAY],
    ['a week', 7 * DAY],
    ['thirty days', 30 * DAY],
  ] as const) {
    const took = Array.from({ length: 15 }, (_, i) => {
      const began = performance.now();
      const asked = { ...subject(i % CONTAINERS), fromMs: TO - spanMs, toMs: TO, points: 400 };
      chartView(store, rollUp, { ...asked, nowMs: TO, retention: RETENTION, pending: [] });
      return performance.now() - began;
    });
    console.log(`  ${window.padEnd(22)}${milliseconds(summarize(took))}`);
  }
} finally {
  rmSync(directory, { recursive: true });
}

function subject(i: number): ChartSubject {
  return { kind: 'container', subject: `container ${i}` };
}

/** By day and night, with bursts, and some chance. */
function minute(container: number, atMs: number): Parameters<typeof samples>[1] {
  const day = Math.max(0, Math.sin((atMs / DAY) * 2 * Math.PI + container));
  const anon = (90 + 60 * day + 10 * Math.sin(atMs / 2e7)) * 2 ** 20;
  return Array.from({ length: 60 }, (_, second) => {
    const burst = Math.sin((atMs + second * 1000) / 170_000) > 0.97 ? 0.4 : 0;
    const cores = Math.min(1, (0.15 + 0.6 * day) * (0.7 + 0.6 * Math.random()) + burst);
    return {
      ...{ cpuCores: cores, cpuUserCores: cores * 0.8, cpuSystemCores: cores * 0.2 },
      cpuThrottledShare: cores > 0.95 ? Math.random() * 0.3 : 0,
      memoryAnonBytes: anon + Math.floor(Math.random() * 200) * 4096,
      memoryFileBytes: 4e7 + Math.floor(Math.random() * 10) * 4096,
      ...{ memoryWorkingSetBytes: anon + 4e7 + 2e6 * Math.random(), memoryUsageBytes: anon + 6e7, memoryKernelBytes: 3e6 },
      ...{ memorySwapBytes: 0, memoryPeakBytes: 1.8e8, memoryLimitBytes: 2 ** 28 },
      ioReadBytesPerS: Math.random() > 0.9 ? Math.random() * 4e5 : 0,
      ioWriteBytesPerS: Math.random() > 0.8 ? Math.random() * 2e6 * day : 0,
      ...{ pids: 3 + Math.floor(Math.random() * 3), cpuPressure: cores * 0.1 * Math.random(), memoryPressure: 0 },
      ...{ ioPressure: Math.random() * 0.02, diskUpperBytes: 2e7 + atMs / 1e6 },
      ...{ netReceivedBytesPerS: 5e4 * day * Math.random(), netSentBytesPerS: 2e5 * day * Math.random() },
    };
  });
}
