import { workerData } from 'node:worker_threads';
import { openDatabase } from '../database/open.ts';
import { openOrSetAside } from '../database/set-aside.ts';
import { serveMethods } from '../database/worker.ts';
import { ChartRollUp } from './chart-roll-up.ts';
import { moveWithClock } from './move-with-clock.ts';
import type { ClockSeen } from '../ledger/boot-clocks.ts';
import { ChartStore } from './chart-store.ts';
import { chartView, type ChartAsked } from './chart-view.ts';
import type { ChartRetention } from './grains.ts';
import { MIGRATIONS } from './schema.ts';

const path = workerData as string;
const { opened: store, kept } = openOrSetAside(path, () => new ChartStore(openDatabase(path, MIGRATIONS, 'normal')));
const rollUp = new ChartRollUp(store);

const methods = {
  /** Where a damaged file was put; null: it was not damaged. */
  setAside: () => kept,
  add: (...args: Parameters<ChartStore['add']>) => store.add(...args),
  /** Moves times of this boot where the clock was set. */
  clock: (now: ClockSeen) => {
    const byMs = moveWithClock(store.database, now);
    if (byMs !== 0) rollUp.reload();
  },
  rollUp: (nowMs: number, retention: ChartRetention | null) => rollUp.run(nowMs, retention),
  view: (asked: ChartAsked) => chartView(store, rollUp, asked),
  close: () => store[Symbol.dispose](),
};
export type ChartMethods = typeof methods;

serveMethods(methods);
