import { guarded } from '@plimsoll/core/guarded';
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
 * beats that were missed are left out.
 */
export class Metronome implements Disposable {
  #timer: NodeJS.Timeout | undefined;

  constructor(intervalMs: number, beat: () => void) {
    const start = monotonicMs();
    const wait = (): void => {
      const elapsed = monotonicMs() - start;
      // Rounded: a timer may fire a millisecond or two early, and a beat that comes late takes the next one's place too
      // where that is nearer than half an interval.
      const next = (Math.round(elapsed / intervalMs) + 1) * intervalMs;
      this.#timer = setTimeout(guarded('the tick of the sampler', tick), Math.ceil(next - elapsed));
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
