import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { guarded } from '@plimsoll/core/guarded';
import { LogsRequest, parse, type LogChunk } from '@plimsoll/protocol';
import { log } from '../log.ts';
import type { ContainerLogs } from '../logs/container-logs.ts';
import type { Registry } from '../registry.ts';

export const NDJSON = 'application/x-ndjson; charset=utf-8';

interface Parts {
  registry: Registry;
  logs: ContainerLogs;
}

interface Stream {
  container: string;
  sent: Promise<void>;
}

/** Logs over HTTP: one LogChunk a line, no faster than the client takes them. */
export class LogStreams {
  readonly #registry: Registry;
  readonly #logs: ContainerLogs;
  readonly #streams = new Set<Stream>();

  constructor({ registry, logs }: Parts) {
    this.#registry = registry;
    this.#logs = logs;
  }

  /** The sender of the log that the query names. Throws `bad-request` and `not-found` before anything is sent. */
  open(query: URLSearchParams): (response: ServerResponse) => void {
    const { container, ...request } = parseQuery(query);
    const { id } = this.#registry.resolve(container);
    return (response) => {
      const stream = { container: id, sent: this.#send(id, request, response) };
      this.#streams.add(stream);
      // It never rejects.
      void stream.sent.then(guarded(`the log of container "${id}"`, () => this.#streams.delete(stream)));
    };
  }

  /** Settles once the logs of containers that have ended are sent whole; at once for those that still run. */
  async finish(): Promise<void> {
    const ending = [...this.#streams].filter(({ container }) => !this.#logs.mayGrow(container));
    await Promise.all(ending.map(({ sent }) => sent));
  }

  async #send(id: string, request: Omit<LogsRequest, 'container'>, response: ServerResponse): Promise<void> {
    const reading = new AbortController();
    response.on('close', () => reading.abort());
    const { signal } = reading;
    const write = async (chunk: Omit<LogChunk, 'container'>): Promise<void> => {
      if (response.write(`${JSON.stringify({ container: id, ...chunk } satisfies LogChunk)}\n`)) return;
      await once(response, 'drain', { signal }).catch(() => {});
    };
    try {
      response.flushHeaders();
      for await (const lines of this.#logs.read(id, request, signal)) await write({ lines, end: false });
      if (!signal.aborted) await write({ lines: [], end: true });
      response.end();
    } catch (error) {
      // The end is missing: the client knows by that.
      log('error', 'a log cannot be read', { container: id, error });
      response.destroy();
    }
  }
}

/** `?container=web&tail=10&follow=true`. */
function parseQuery(query: URLSearchParams): LogsRequest {
  const { follow, ...rest } = Object.fromEntries(query);
  const numbers = ['tail', 'since', 'until'].flatMap((name) => (rest[name] === undefined ? [] : [[name, Number(rest[name])]]));
  const asked: unknown = { ...rest, ...Object.fromEntries(numbers), ...(follow !== undefined && { follow: follow === 'true' }) };
  return parse(LogsRequest, asked, 'logs');
}
