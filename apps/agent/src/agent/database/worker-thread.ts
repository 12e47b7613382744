import { Worker } from 'node:worker_threads';
import type { Call, Methods, Reply, SetAsideNotice } from './worker.ts';
import { guarded } from '@plimsoll/core/guarded';

type Result<M extends Methods, N extends keyof M> = Awaited<ReturnType<M[N]>>;

/**
 * The near end of a worker thread that serves `M` (worker.ts). SQLite's calls block: here they block nobody. Where the thread
 * ends by an error, so does every call, and `failed` is told.
 */
export class WorkerThread<M extends Methods> implements AsyncDisposable {
  readonly #worker: Worker;
  readonly #pending = new Map<number, PromiseWithResolvers<unknown>>();
  #nextId = 1;
  readonly #setAside: string[] = [];
  #onSetAside: (kept: string) => void = (kept) => this.#setAside.push(kept);
  #ended: Error | null = null;

  /** `module`: of the thread, which calls serveMethods; `data`: its workerData. */
  constructor(module: URL, data: unknown, failed: (error: Error) => void = () => {}) {
    this.#worker = new Worker(module, { workerData: data });
    const answered = (reply: Reply | SetAsideNotice): void => {
      if ('setAside' in reply) return this.#onSetAside(reply.setAside);
      const pending = this.#pending.get(reply.id);
      this.#pending.delete(reply.id);
      if (reply.ok) pending?.resolve(reply.result);
      else pending?.reject(reply.errcode === undefined ? reply.error : withCode(reply.error, reply.errcode));
    };
    this.#worker.on('message', guarded('an answer of a database', answered));
    this.#worker.on('error', (error: Error) => {
      this.#end(error);
      failed(error);
    });
    this.#worker.on('exit', () => this.#end(new Error('the thread has ended')));
  }

  async call<N extends keyof M & string>(method: N, ...args: Parameters<M[N]>): Promise<Result<M, N>> {
    return (await this.#call(method, args)) as Result<M, N>;
  }

  /** `listener` is called with each damaged file that the thread sets aside, and at once with those that it has set aside before. */
  onSetAside(listener: (kept: string) => void): void {
    this.#onSetAside = listener;
    for (const kept of this.#setAside.splice(0)) listener(kept);
  }

  /** Ends the thread when it has done what was asked before. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#ended !== null) return;
    await this.#call('close', []).catch(() => {});
    await this.#worker.terminate();
  }

  async #call(method: string, args: unknown[]): Promise<unknown> {
    if (this.#ended !== null) throw this.#ended;
    const id = this.#nextId++;
    const pending = Promise.withResolvers<unknown>();
    this.#pending.set(id, pending);
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
    this.#worker.postMessage({ id, method, args } satisfies Call);
    return await pending.promise;
  }

  #end(error: Error): void {
    this.#ended ??= error;
    for (const { reject } of this.#pending.values()) reject(error);
    this.#pending.clear();
  }
}

/** SQLite's code of it, which a clone lacks. */
function withCode(error: unknown, errcode: number): unknown {
  return error instanceof Error ? Object.assign(error, { errcode }) : error;
}
