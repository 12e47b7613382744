import { workerData } from 'node:worker_threads';
import { openDatabase } from '../database/open.ts';
import { StoreFile } from '../database/store-file.ts';
import { serveMethods } from '../database/worker.ts';
import { ChartRollUp } from './chart-roll-up.ts';
import { moveWithClock } from './move-with-clock.ts';
import type { ClockSeen } from '../ledger/boot-clocks.ts';
import { ChartStore } from './chart-store.ts';
import { chartView, type ChartAsked } from './chart-view.ts';
import type { ChartRetention } from './grains.ts';
import { MIGRATIONS } from './schema.ts';

const path = workerData as string;
// Nothing is carried over: samples are a picture of the past, and nobody's bill.
const file = new StoreFile({
  path,
  open: (at) => {
    const store = new ChartStore(openDatabase(at, MIGRATIONS, 'normal'));
    return { store, rollUp: new ChartRollUp(store) };
  },
  close: ({ store }) => store[Symbol.dispose](),
});

const methods = {
  isNew: () => file.isNew,
  add: (...args: Parameters<ChartStore['add']>) => file.use(({ store }) => store.add(...args)),
  /** Moves times of this boot where the clock was set. */
  clock: (now: ClockSeen) =>
    file.use(({ store, rollUp }) => {
      const byMs = moveWithClock(store.database, now);
      if (byMs !== 0) rollUp.reload();
    }),
  rollUp: (nowMs: number, retention: ChartRetention | null) => file.use(({ rollUp }) => rollUp.run(nowMs, retention)),
  view: (asked: ChartAsked) => file.use(({ store, rollUp }) => chartView(store, rollUp, asked)),
  close: () => file.close(),
};
export type ChartMethods = typeof methods;

serveMethods(methods);
