import { GuardedEmitter } from '@plimsoll/core/guarded';
import { readFileSync } from 'node:fs';
import { readClocks, type ClockReading } from '@plimsoll/core';

/** Steps below this move no label: the clock was set by less than what a busy machine takes to read it. ntpd slews up to 128 ms. */
export const LEAST_JUMP_MS = 100;
/** NTP corrects a wrong clock within minutes. */
const SETTLED_MS = 3_600_000;
/** From then on ages count though the clock goes on to be set: a host whose clock is set each half hour must not keep everything. */
const LONGEST_UNSETTLED_MS = 6 * SETTLED_MS;

/** Times of one boot by the wall clock: CLOCK_BOOTTIME plus `offsetMs`. */
export interface BootOffset {
  bootId: string;
  offsetMs: number;
  /** CLOCK_BOOTTIME of the last jump, ms. Null: none is known. */
  jumpedAtMs: number | null;
  /** Null: there was no jump, or only an older agent knew of it. */
  jumps: Jumps | null;
}

/** Jumps that came each within an hour of the one before; times by CLOCK_BOOTTIME, ms. */
export interface Jumps {
  sinceMs: number;
  /** The least offset since then, from before the first jump after it. */
  leastOffsetMs: number;
  leastSinceMs: number;
}

/** From an agent that may be older. */
type Known = Omit<BootOffset, 'jumps'> & { jumps?: Jumps | null | undefined };

export interface Jump {
  /** Positive: forward. */
  byMs: number;
  /** The wall clock at the moment at which the jump was seen, and what it would show without it. */
  wallMs: number;
  wouldBeMs: number;
}

/**
 * The clocks of this host, and a watch for the moment at which somebody sets the wall clock. CLOCK_REALTIME less CLOCK_BOOTTIME changes
 * then, and not by slewing or by sleep. The later clock is the right one for all of a boot: labels of before are to be moved by as much.
 */
export class HostClock extends GuardedEmitter<{ jumped: [Jump] }> {
  readonly bootId: string;
  readonly #read: () => ClockReading;
  #offsetMs: number;
  #jumpedAtMs: number | null;
  #jumps: Jumps | null;
  #asleepMs = 0;

  /** `before`: as an agent before knew it. `read`: a test's own clocks. */
  constructor(before: Known | null = null, read: () => ClockReading = readClocks, bootId = readBootId()) {
    super();
    this.bootId = bootId;
    this.#read = read;
    const known = before?.bootId === bootId ? before : null;
    this.#offsetMs = known?.offsetMs ?? this.#measure().offsetMs;
    this.#jumpedAtMs = known?.jumpedAtMs ?? null;
    this.#jumps = known?.jumps ?? null;
    this.#measure();
  }

  get offset(): BootOffset {
    return { bootId: this.bootId, offsetMs: this.#offsetMs, jumpedAtMs: this.#jumpedAtMs, jumps: this.#jumps };
  }

  /** Looks whether the wall clock was set since the last look; whether it was. */
  look(): boolean {
    const { bootMs, offsetMs } = this.#measure();
    const byMs = offsetMs - this.#offsetMs;
    if (Math.abs(byMs) < LEAST_JUMP_MS) return false;
    const wouldBeMs = bootMs + this.#offsetMs;
    this.#offsetMs = offsetMs;
    this.#jumps = this.#jumpsWith(bootMs, offsetMs);
    this.#jumpedAtMs = bootMs;
    this.emit('jumped', { byMs, wallMs: bootMs + offsetMs, wouldBeMs });
    return true;
  }

  /** Now, in whole ms. */
  now(): { bootId: string; bootMs: number; wallMs: number } {
    const { bootMs, offsetMs } = this.#measure();
    return { bootId: this.bootId, bootMs, wallMs: bootMs + offsetMs };
  }

  /** CLOCK_BOOTTIME of a moment by CLOCK_MONOTONIC, ms, since which the machine has not slept. */
  bootMsOf(monotonicMs: number): number {
    return Math.round(monotonicMs + this.#asleepMs);
  }

  /** The label of a moment by CLOCK_BOOTTIME. */
  wallMsOf(bootMs: number): number {
    return bootMs + this.#offsetMs;
  }

  /**
   * The wall clock; null for an hour after the start of the host or a jump, in which nothing may be dropped for its age. Jumps that come
   * within an hour of each other extend that up to six hours after the first; from then on the
   * earliest of the clocks of that time counts.
   */
  settledMs(): number | null {
    const { bootMs } = this.#measure();
    if (bootMs - (this.#jumpedAtMs ?? 0) >= SETTLED_MS) return bootMs + this.#offsetMs;
    if (this.#jumps === null || bootMs - this.#jumps.sinceMs < LONGEST_UNSETTLED_MS) return null;
    return bootMs + this.#jumps.leastOffsetMs;
  }

  /** Ages in ms at which things are dropped, as they are to be compared with the wall clock of now. Null: nothing is dropped now. */
  ages<T extends Readonly<Record<string, number>>>(kept: T): T | null {
    const settledMs = this.settledMs();
    if (settledMs === null) return null;
    const byMs = Math.max(0, this.now().wallMs - settledMs);
    return Object.fromEntries(Object.entries(kept).map(([name, ms]) => [name, ms + byMs])) as T;
  }

  /** A jump has come, from the offset that is known. */
  #jumpsWith(bootMs: number, offsetMs: number): Jumps {
    const jumps = bootMs - (this.#jumpedAtMs ?? 0) < SETTLED_MS ? this.#jumps : null;
    const leastMs = Math.min(this.#offsetMs, offsetMs);
    // The offset of long ago is no measure: a guest that is paused now and then is set forward for ever.
    const isOld = jumps === null || bootMs - jumps.leastSinceMs >= LONGEST_UNSETTLED_MS;
    if (isOld) return { sinceMs: jumps?.sinceMs ?? bootMs, leastOffsetMs: leastMs, leastSinceMs: bootMs };
    return { ...jumps, leastOffsetMs: Math.min(jumps.leastOffsetMs, leastMs) };
  }

  #measure(): { bootMs: number; offsetMs: number } {
    const { monotonicNs, bootNs, realNs } = this.#read();
    this.#asleepMs = Number(bootNs - monotonicNs) / 1e6;
    return { bootMs: Math.round(Number(bootNs) / 1e6), offsetMs: Math.round(Number(realNs - bootNs) / 1e6) };
  }
}

function readBootId(): string {
  return readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim();
}
