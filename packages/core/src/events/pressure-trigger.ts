import { closeSync, constants, existsSync, openSync, writeSync } from 'node:fs';
import { EPOLL } from '../abi/epoll.ts';
import type { PressureEvents } from './pressure-events.ts';

/** Windows that are multiples of this need no privilege (Linux >= 6.5); others, and older kernels, want CAP_SYS_RESOURCE. */
export const PRESSURE_WINDOW_MS = 2000;

/**
 * Calls `fired`, at most once in a window, when some of the processes of a cgroup have waited for longer than `stallMs` of
 * PRESSURE_WINDOW_MS (Documentation/accounting/psi.rst, "Monitoring for pressure thresholds").
 */
export class PressureTrigger implements Disposable {
  readonly #fd: number;
  readonly #watch: Disposable;
  #isOpen = true;

  /** `file`: a cgroup's cpu.pressure or its like. `gone`: the cgroup was removed. Throws a NodeJS.ErrnoException. */
  constructor(events: PressureEvents, file: string, stallMs: number, { fired, gone }: { fired: () => void; gone: () => void }) {
    this.#fd = openSync(file, constants.O_RDWR | constants.O_NONBLOCK);
    try {
      writeSync(this.#fd, trigger(stallMs));
      this.#watch = events.watch(`the pressure trigger of ${file}`, this.#fd, EPOLL.EPOLLPRI, (found) => {
        if ((found & EPOLL.EPOLLERR) === 0) return fired();
        this[Symbol.dispose]();
        gone();
      });
    } catch (error) {
      closeSync(this.#fd);
      throw error;
    }
  }

  [Symbol.dispose](): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#watch[Symbol.dispose]();
    closeSync(this.#fd);
  }
}

const NO_PSI = 'this kernel was built without CONFIG_PSI, or booted without psi=1';

/** What an error of PressureTrigger says of this host. Null: nothing, its cgroup is not there. */
export function whyNoTrigger(error: unknown): string | null {
  if (!existsSync(PROBE)) return NO_PSI;
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT' || code === 'ENODEV') return null;
  return code === 'EOPNOTSUPP' ? NO_PSI : 'it takes CAP_SYS_RESOURCE, or Linux 6.5';
}

const PROBE = '/proc/pressure/cpu';
/** Undefined: not yet. */
let probed: string | null | undefined;

/** Why no cgroup's pressure can be waited for on this host. Null: it can. Tried once: the end of a trigger takes the kernel some 10 ms. */
export function whyNoPressureTriggers(unified: string | null): string | null {
  if (unified === null) return 'pressure is told by cgroup v2, and there is no v2 tree on this host';
  return (probed = probed === undefined ? probe() : probed);
}

function probe(): string | null {
  try {
    const fd = openSync(PROBE, constants.O_RDWR | constants.O_NONBLOCK);
    try {
      writeSync(fd, trigger(PRESSURE_WINDOW_MS / 2));
    } finally {
      closeSync(fd);
    }
    return null;
  } catch (error) {
    return whyNoTrigger(error);
  }
}

function trigger(stallMs: number): string {
  return `some ${stallMs * 1000} ${PRESSURE_WINDOW_MS * 1000}\0`;
}
