import { EventEmitter } from 'node:events';

/** Writes one line about an error that ended no more than the callback it was thrown in. */
export type FaultLog = (what: string, error: unknown) => void;

/** The same fault is logged once in this time, with the number of those in between. */
const QUIET_MS = 10_000;
/** Faults remembered for that; past it the oldest is forgotten. */
const MOST_KINDS = 1000;

interface Known {
  loggedAtMs: number;
  unlogged: number;
}

let writeLog: FaultLog = (what, error) => {
  const why = error instanceof Error ? (error.stack ?? error.message) : String(error);
  process.stderr.write(`${new Date().toISOString()} ${what}: ${why}\n`);
};
const known = new Map<string, Known>();

/** Where faults are logged; stderr before the first call. */
export function logFaultsWith(log: FaultLog): void {
  writeLog = log;
}

/** Logs a fault, unless the same one (`what` and the error's message) was logged within the last ten seconds. Never throws. */
export function logFault(what: string, error: unknown): void {
  try {
    const key = `${what}: ${error instanceof Error ? error.message : String(error)}`;
    const nowMs = performance.now();
    const before = known.get(key);
    if (before !== undefined && nowMs - before.loggedAtMs < QUIET_MS) {
      before.unlogged += 1;
      return;
    }
    known.delete(key);
    known.set(key, { loggedAtMs: nowMs, unlogged: 0 });
    if (known.size > MOST_KINDS) known.delete(known.keys().next().value!);
    const more = before === undefined || before.unlogged === 0 ? '' : ` (and ${before.unlogged} times before)`;
    writeLog(`${what}${more}`, error);
  } catch {
    // The log cannot be written, or the error not be turned into text. Its callback must still return.
  }
}

/**
 * The error boundary of a callback: what `callback` throws, or what its promise rejects with, is logged, and goes no further. For
 * whatever the event loop, a timer or an emitter calls. `what` names the thing concerned: `the output of container 5f0c…`.
 */
export function guarded<A extends unknown[]>(what: string, callback: (...args: A) => unknown): (...args: A) => void {
  return (...args) => void attempt(what, () => callback(...args));
}

/** Calls once, within the boundary that `guarded` describes. False: it threw. */
export function attempt(what: string, callback: () => unknown): boolean {
  try {
    const result = callback();
    if (result instanceof Promise) result.catch((error: unknown) => logFault(what, error));
    return true;
  } catch (error) {
    logFault(what, error);
    return false;
  }
}

/** An emitter each of whose listeners has an error boundary of its own: `emit` never throws, and every listener is called. */
export class GuardedEmitter<Events extends Record<keyof Events, unknown[]>> extends EventEmitter<Events> {
  override emit(event: unknown, ...args: unknown[]): boolean {
    const emitter = this as unknown as EventEmitter;
    const listeners = emitter.rawListeners(event as string);
    for (const listener of listeners) {
      attempt(`a listener of "${String(event)}" of ${this.constructor.name}`, () => Reflect.apply(listener, emitter, args));
    }
    return listeners.length > 0;
  }
}
