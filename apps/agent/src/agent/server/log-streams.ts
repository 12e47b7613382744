import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { guarded } from '@plimsoll/core/guarded';
import { LogsRequest, parse, type LogChunk } from '@plimsoll/protocol';
import { log } from '../log.ts';
import type { Attendance } from '../attendance.ts';
import type { ContainerLogs } from '../logs/container-logs.ts';
import type { Registry } from '../registry.ts';

export const NDJSON = 'application/x-ndjson; charset=utf-8';

interface Parts {
  registry: Registry;
  logs: ContainerLogs;
  attendance: Pick<Attendance, 'attend' | 'finish'>;
}

interface Stream {
  container: string;
  sent: Promise<void>;
}

/** Logs over HTTP: one LogChunk a line, no faster than the client takes them. */
export class LogStreams {
  readonly #registry: Registry;
  readonly #logs: ContainerLogs;
  readonly #attendance: Pick<Attendance, 'attend' | 'finish'>;
  readonly #streams = new Set<Stream>();

  constructor({ registry, logs, attendance }: Parts) {
    this.#registry = registry;
    this.#logs = logs;
    this.#attendance = attendance;
  }

  /** The sender of the log that the query names; `attend`: to the client that has run the container. Throws `bad-request` and `not-found` before anything is sent. */
  open(query: URLSearchParams): (response: ServerResponse) => void {
    const isAttending = query.get('attend') === 'true';
    const { container, ...request } = parseQuery(query);
    const { id } = this.#registry.resolve(container);
    return (response) => {
      const attending = isAttending ? this.#attendance.attend(id) : null;
      const stream = { container: id, sent: this.#send(id, { ...request, isAttending }, response) };
      this.#streams.add(stream);
      const ended = (): void => {
        this.#streams.delete(stream);
        attending?.[Symbol.dispose]();
      };
      // It never rejects.
      void stream.sent.then(guarded(`the log of container "${id}"`, ended));
    };
  }

  /** Settles once the logs of containers that have ended are sent whole; at once for those that still run. */
  async finish(): Promise<void> {
    const ending = [...this.#streams].filter(({ container }) => !this.#logs.mayGrow(container));
    await Promise.all(ending.map(({ sent }) => sent));
  }

  async #send(id: string, { isAttending, ...request }: Asked, response: ServerResponse): Promise<void> {
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
      if (!signal.aborted) await write({ lines: [], end: true, ...(isAttending && (await this.#ending(id))) });
      response.end();
    } catch (error) {
      // The end is missing: the client knows by that.
      log('error', 'a log cannot be read', { container: id, error });
      response.destroy();
    }
  }

  async #ending(id: string): Promise<Pick<LogChunk, 'last' | 'removed'>> {
    const last = this.#registry.get(id);
    // Where the supervisor is away, it removes it when it is back.
    return { last, removed: await this.#attendance.finish(id).catch(() => false) };
  }
}

/** A request for a log, by the client that has run the container. */
type Asked = Omit<LogsRequest, 'container'> & { isAttending: boolean };

/** `?container=web&tail=10&follow=true`. */
function parseQuery(query: URLSearchParams): LogsRequest {
  const { follow, attend: _attend, ...rest } = Object.fromEntries(query);
  const numbers = ['tail', 'since', 'until'].flatMap((name) => (rest[name] === undefined ? [] : [[name, Number(rest[name])]]));
  const asked: unknown = { ...rest, ...Object.fromEntries(numbers), ...(follow !== undefined && { follow: follow === 'true' }) };
  return parse(LogsRequest, asked, 'logs');
}
