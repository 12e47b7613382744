import { join } from 'node:path';
import type { ContainerView, LogLine, LogsRequest } from '@plimsoll/protocol';
import type { Registry } from '../registry.ts';
import { readLog } from './log-reader.ts';

/** The logs of all containers, below `directory`: each is read to its end, or followed until its container has ended. */
export class ContainerLogs {
  readonly #registry: Registry;
  readonly #directory: string;

  /** `directory` holds the containers' own. */
  constructor(registry: Registry, directory: string) {
    this.#registry = registry;
    this.#directory = directory;
  }

  read(id: string, { tail, follow }: Pick<LogsRequest, 'tail' | 'follow'>, signal: AbortSignal): AsyncGenerator<LogLine[]> {
    return readLog({
      directory: join(this.#directory, id),
      tail,
      mayGrow: () => follow && this.mayGrow(id),
      onChange: (listener) => this.#onChange(id, listener),
      signal,
    });
  }

  /** A container that was not started yet may write, too. */
  mayGrow(id: string): boolean {
    const status = this.#registry.get(id)?.state.status;
    return status !== undefined && status !== 'exited' && status !== 'failed';
  }

  #onChange(id: string, listener: () => void): () => void {
    const changed = (view: ContainerView): void => {
      if (view.id === id) listener();
    };
    this.#registry.on('container', changed).on('removed', changed);
    return () => this.#registry.off('container', changed).off('removed', changed);
  }
}
