import { complain } from './complain.ts';

const MINUTE_MS = 60_000;
/** In a minute. More are no accident of one container: a new supervisor, which adopts them all, is better than this one. */
const MOST_IN_A_MINUTE = 100;

/**
 * From now on an error that no boundary has caught (guarded.ts of core) is logged, and the supervisor goes on: its containers' state is
 * in the journal and the kernel, and a fault of one must not take the supervisor from the others. `giveUp` is called at the
 * hundredth within a minute. Before this is called, while the supervisor starts, such an error ends it.
 */
export function surviveUncaught(giveUp: () => void): void {
  const times: number[] = [];
  process.on('uncaughtException', (error, origin) => {
    const nowMs = performance.now();
    times.push(nowMs);
    while (nowMs - (times[0] ?? nowMs) > MINUTE_MS) times.shift();
    complain(`an error that nothing has caught (${origin}); the supervisor goes on`, error);
    if (times.length < MOST_IN_A_MINUTE) return;
    complain('the supervisor ends', `${times.length} errors within a minute that nothing has caught; containers go on`);
    giveUp();
  });
}
