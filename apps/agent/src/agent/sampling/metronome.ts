/** CLOCK_MONOTONIC in ms, the clock that readings carry: it neither steps with the wall clock nor counts time asleep. */
export function monotonicMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

/** What to add to a monotonic time to label it with the wall clock as it stands now. */
export function wallClockShiftMs(): number {
  return Date.now() - monotonicMs();
}

/**
 * Calls `beat` every `intervalMs`, in step with the monotonic clock: a late beat does not delay those after it, and
 * beats that were missed altogether are left out.
 */
export class Metronome implements Disposable {
  #timer: NodeJS.Timeout | undefined;

  constructor(intervalMs: number, beat: () => void) {
    const start = monotonicMs();
    const wait = (): void => {
      const next = intervalMs - ((monotonicMs() - start) % intervalMs);
      // A timer may fire up to a millisecond early: that would make two beats of one.
      this.#timer = setTimeout(tick, next < 1 ? next + intervalMs : next);
    };
    const tick = (): void => {
      wait();
      beat();
    };
    wait();
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
  }
}
