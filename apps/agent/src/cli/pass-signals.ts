import { DEFAULT_STOP_GRACE_MS, PlimsollError, spanInWords, type ContainerBrief } from '@plimsoll/protocol';
import type { AgentRequests } from '../client/agent-requests.ts';
import type { Context, Signal } from './context.ts';
import { complain, printError } from './reports/error-report.ts';

/** Those that people and programs send to a command; those of the terminal's job control stay with the client. */
const PASSED: readonly Signal[] = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGUSR1', 'SIGUSR2'];

/** Those that do not mean that the container is to end. */
const STARTS_ON: readonly Signal[] = ['SIGUSR1', 'SIGUSR2'];

/**
 * Passes on each signal that this process gets, as the same signal, to a container: what comes before there is one waits for it.
 * On a terminal the first Ctrl-C also begins to stop the container, and the second kills it.
 */
export class SignalsPassed implements Disposable {
  readonly #context: Context;
  readonly #client: AgentRequests;
  readonly #listening: Disposable;
  #waiting: Signal[] = [];
  #container: ContainerBrief | null = null;
  #isStopping = false;

  constructor(context: Context, client: AgentRequests) {
    this.#context = context;
    this.#client = client;
    this.#listening = context.onSignals(PASSED, (signal) => this.#receive(signal));
  }

  to(container: ContainerBrief): void {
    this.#container = container;
    for (const signal of this.#waiting) this.#pass(signal, container);
    this.#waiting = [];
  }

  #receive(signal: Signal): void {
    if (this.#container === null) this.#keep(signal);
    else this.#pass(signal, this.#container);
  }

  /** A second Ctrl-C gives up a container that does not come. */
  #keep(signal: Signal): void {
    const isCtrlC = signal === 'SIGINT' && this.#context.hasTerminal;
    if (isCtrlC && this.#waiting.includes(signal)) {
      this.#client[Symbol.dispose]();
    } else if (isCtrlC) {
      complain(this.#context, 'stopping the container as soon as it has begun; Ctrl-C again does not wait for it');
    }
    this.#waiting.push(signal);
  }

  #pass(signal: Signal, { id: container, name }: ContainerBrief): void {
    const isCtrlC = signal === 'SIGINT' && this.#context.hasTerminal;
    if (isCtrlC && this.#isStopping) return this.#kill(container);
    // Waits for an agent that is away.
    this.#client
      .command('container.kill', { container, signal })
      .catch((reason: unknown) => this.#refused(reason, signal, container));
    if (!isCtrlC) return;
    this.#isStopping = true;
    complain(this.#context, `stopping ${name}, killed in ${spanInWords(DEFAULT_STOP_GRACE_MS)}; Ctrl-C again kills now`);
    // Where a stop fails, the signal has failed before, and its error has been printed.
    this.#client.command('container.stop', { container }).catch(() => {});
  }

  /** A container that has ended by itself needs no signal: its end is reported anyway. */
  async #refused(reason: unknown, signal: Signal, container: string): Promise<void> {
    const view = await this.#client.command('container.inspect', { container }).catch(() => null);
    // Before its start it has no process that a signal could reach, and its group may be frozen for long.
    if (view?.state.status === 'starting' && !STARTS_ON.includes(signal)) return this.#kill(container);
    if (view !== null && !('pid' in view.state)) return;
    if (reason instanceof PlimsollError && reason.code !== 'not-found') printError(this.#context, reason);
  }

  #kill(container: string): void {
    this.#client.command('container.kill', { container }).catch((error: unknown) => {
      if (error instanceof PlimsollError && error.code === 'unavailable') printError(this.#context, error);
    });
  }

  [Symbol.dispose](): void {
    this.#listening[Symbol.dispose]();
  }
}
