/** @type {readonly NodeJS.Signals[]} */
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/**
 * Runs with a signal that is aborted when this process is to end; once all is undone, the process ends as if nobody had listened.
 * @template T
 * @param {(signal: AbortSignal) => Promise<T>} run
 * @returns {Promise<T>}
 */
export async function interruptible(run) {
  const controller = new AbortController();
  /** @type {NodeJS.Signals | null} */
  let received = null;
  /** @param {NodeJS.Signals} signal */
  const end = (signal) => {
    received = signal;
    controller.abort();
  };
  for (const signal of SIGNALS) process.on(signal, end);
  try {
    return await run(controller.signal);
  } finally {
    for (const signal of SIGNALS) process.off(signal, end);
    if (received !== null) process.kill(process.pid, received);
  }
}
