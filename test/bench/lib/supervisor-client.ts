import { createConnection, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import type { SupervisorArgs, SupervisorResult, SupervisorVerb } from '../../../apps/agent/src/supervisor/protocol.ts';

/** The supervisor's JSON lines with nothing around them: what is measured is the supervisor, and not a client's own checks. */
export class SupervisorClient implements Disposable {
  readonly #socket: Socket;
  readonly #waiting = new Map<number, PromiseWithResolvers<unknown>>();
  #nextId = 1;

  constructor(path: string) {
    this.#socket = createConnection(path);
    createInterface(this.#socket).on('line', (line) => {
      const answer = JSON.parse(line) as { id: number; ok: boolean; result?: unknown; error?: { message: string } };
      const waiting = this.#waiting.get(answer.id);
      this.#waiting.delete(answer.id);
      if (answer.ok) waiting?.resolve(answer.result);
      else waiting?.reject(new Error(answer.error?.message));
    });
  }

  request<V extends SupervisorVerb>(verb: V, args: SupervisorArgs<V>): Promise<SupervisorResult<V>> {
    const id = this.#nextId++;
    const waiting = Promise.withResolvers<unknown>();
    this.#waiting.set(id, waiting);
    this.#socket.write(`${JSON.stringify({ id, verb, args })}\n`);
    return waiting.promise as Promise<SupervisorResult<V>>;
  }

  [Symbol.dispose](): void {
    this.#socket.destroy();
  }
}

/** Is told of every change, as an agent is, and throws it away: an agent deals with it in a process of its own. */
export function listen(path: string): Disposable {
  const socket = createConnection(path);
  socket.resume();
  socket.write(`${JSON.stringify({ id: 1, verb: 'subscribe', args: {} })}\n`);
  return { [Symbol.dispose]: () => void socket.destroy() };
}
