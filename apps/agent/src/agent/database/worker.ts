import { parentPort } from 'node:worker_threads';

/** What a worker thread does, by method: arguments and results are cloned on their way (structuredClone). */
// oxlint-disable-next-line typescript/no-explicit-any -- each method has arguments of its own
export type Methods = Record<string, (...args: any[]) => unknown>;

export interface Call {
  id: number;
  method: string;
  args: unknown[];
}

/** Not the answer to a call: this thread has set a damaged store aside. */
export interface SetAsideNotice {
  setAside: string;
}

export type Reply = { id: number; ok: true; result: unknown } | { id: number; ok: false; error: unknown; errcode?: number };

/** Reports a file that this thread has set aside to its WorkerThread. Outside of a worker thread nothing happens. */
export function reportSetAside(kept: string): void {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
  parentPort?.postMessage({ setAside: kept } satisfies SetAsideNotice);
}

/** Serves calls in this worker thread, one after another in the order that they came in. `close` is called as the last. */
export function serveMethods(methods: Methods & { close(): void }): void {
  if (parentPort === null) throw new Error('this is for a worker thread');
  const port = parentPort;
  // What a method throws is its reply.
  port.on('message', ({ id, method, args }: Call) => {
    let reply: Reply;
    try {
      const call = Object.hasOwn(methods, method) ? methods[method] : undefined;
      if (call === undefined) throw new Error(`there is no method ${method}`);
      reply = { id, ok: true, result: call(...args) };
    } catch (error) {
      // A clone of an error has its message alone.
      const errcode = error instanceof Error && 'errcode' in error ? { errcode: Number(error.errcode) } : {};
      reply = { id, ok: false, error, ...errcode };
    }
    port.postMessage(reply);
  });
}
