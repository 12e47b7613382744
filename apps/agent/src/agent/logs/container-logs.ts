import { join } from 'node:path';
import { guarded } from '@plimsoll/core/guarded';
import type { ContainerView, LogLine, LogsRequest } from '@plimsoll/protocol';
import type { Registry } from '../registry.ts';
import { readLog } from './log-reader.ts';
import { lastOf, within } from './log-window.ts';

/** setTimeout takes no more. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** The logs of all containers, below `directory`: each is read to its end, or followed until its container has ended. */
export class ContainerLogs {
  readonly #registry: Registry;
  readonly #directory: string;

  /** `directory` holds the containers' own. */
  constructor(registry: Registry, directory: string) {
    this.#registry = registry;
    this.#directory = directory;
  }

  read(id: string, request: Omit<LogsRequest, 'container'>, signal: AbortSignal): AsyncGenerator<LogLine[]> {
    const { tail, follow, since, until } = request;
    // The last lines before a moment are not the last ones of all.
    const isCutLater = tail !== undefined && until !== undefined && (!follow || isOver(until));
    const lines = readLog({
      directory: join(this.#directory, id),
      tail: isCutLater ? undefined : tail,
      mayGrow: () => follow && !isOver(until) && this.mayGrow(id),
      onChange: (listener) => this.#onChange(id, until, listener),
      signal,
    });
    if (since === undefined && until === undefined) return lines;
    const wanted = within(lines, { since, until });
    return isCutLater ? lastOf(wanted, tail) : wanted;
  }

  /** A container that was not started yet may write, too. */
  mayGrow(id: string): boolean {
    const status = this.#registry.get(id)?.state.status;
    return status !== undefined && status !== 'exited' && status !== 'failed';
  }

  #onChange(id: string, until: number | undefined, listener: () => void): () => void {
    const changed = (view: ContainerView): void => {
      if (view.id === id) listener();
    };
    this.#registry.on('container', changed).on('removed', changed);
    const left = until === undefined ? Number.POSITIVE_INFINITY : until - Date.now();
    const timer =
      left > LONGEST_TIMER_MS ? undefined : setTimeout(guarded(`the log of container "${id}"`, listener), Math.max(1, left + 1));
    return () => {
      this.#registry.off('container', changed).off('removed', changed);
      clearTimeout(timer);
    };
  }
}

function isOver(until: number | undefined): boolean {
  return until !== undefined && Date.now() > until;
}
