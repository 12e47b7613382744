import { DEFAULT_STOP_GRACE_MS, PlimsollError, type ContainerView } from '@plimsoll/protocol';
import type { AgentRequests } from '../client/agent-requests.ts';
import type { Context, Signal } from './context.ts';
import { printError } from './reports/error-report.ts';

/** Those that people and programs send to a command; those of the terminal's job control stay with the client. */
const PASSED: readonly Signal[] = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGUSR1', 'SIGUSR2'];

/**
 * Passes on each signal that this process gets, as the same signal, to a container: what comes before there is one waits for it.
 * On a terminal the first Ctrl-C also begins to stop the container, and the second kills it.
 */
export class SignalsPassed implements Disposable {
  readonly #context: Context;
  readonly #client: AgentRequests;
  readonly #listening: Disposable;
  #waiting: Signal[] = [];
  #container: ContainerView | null = null;
  #isStopping = false;

  constructor(context: Context, client: AgentRequests) {
    this.#context = context;
    this.#client = client;
    this.#listening = context.onSignals(PASSED, (signal) => {
      if (this.#container === null) this.#waiting.push(signal);
      else this.#pass(signal, this.#container);
    });
  }

  to(container: ContainerView): void {
    this.#container = container;
    for (const signal of this.#waiting) this.#pass(signal, container);
    this.#waiting = [];
  }

  #pass(signal: Signal, { id, name }: ContainerView): void {
    const fromTerminal = signal === 'SIGINT' && this.#context.hasTerminal;
    if (fromTerminal && this.#isStopping) return this.#send(this.#client.command('container.kill', { container: id }));
    this.#send(this.#client.command('container.kill', { container: id, signal }));
    if (!fromTerminal) return;
    this.#isStopping = true;
    const seconds = DEFAULT_STOP_GRACE_MS / 1000;
    this.#context.stderr.write(`stopping ${name}, killed in ${seconds} s; Ctrl-C again kills now\n`);
    this.#send(this.#client.command('container.stop', { container: id }));
  }

  #send(command: Promise<unknown>): void {
    command.catch(async (error: unknown) => {
      const { id: container } = this.#container ?? { id: '' };
      // One that has ended by itself needs no signal any more: how it ended is told anyway.
      const view = await this.#client.command('container.inspect', { container }).catch(() => null);
      const isAlive = view !== null && ('pid' in view.state || view.state.status === 'starting');
      if (isAlive && error instanceof PlimsollError) printError(this.#context, error);
    });
  }

  [Symbol.dispose](): void {
    this.#listening[Symbol.dispose]();
  }
}
