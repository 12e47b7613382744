import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { connect as connectSocket, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import type { Hello } from '@plimsoll/protocol';
import { io } from 'socket.io-client';

/** An answer over HTTP: its status and its text; or null where the connection was closed instead. */
export type HttpAnswer = { status: number; text: string } | null;

/** One request on a unix socket, its body as it is. */
export async function post(
  socketPath: string,
  path: string,
  body: string | Buffer,
  headers: Record<string, string> = {},
): Promise<HttpAnswer> {
  const { promise, resolve } = Promise.withResolvers<HttpAnswer>();
  const sent = request(
    { socketPath, path, method: 'POST', headers: { 'content-type': 'application/json', ...headers } },
    (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part: string) => (text += part));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
      response.on('error', () => resolve(null));
    },
  );
  sent.on('error', () => resolve(null));
  sent.end(body);
  return await promise;
}

/** A connection to the supervisor's socket that sends lines as they are. */
export class LineSocket implements Disposable {
  readonly #socket: Socket;
  readonly #lines: AsyncIterator<string>;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('error', () => {});
    this.#lines = createInterface({ input: socket })[Symbol.asyncIterator]();
  }

  static async open(path: string): Promise<LineSocket> {
    const socket = connectSocket(path);
    await once(socket, 'connect');
    return new LineSocket(socket);
  }

  send(bytes: string | Buffer): void {
    this.#socket.write(bytes);
  }

  /** The next line; null where the other side has closed. */
  async receive(): Promise<string | null> {
    try {
      const next = await this.#lines.next();
      return next.done === true ? null : next.value;
    } catch {
      // Cut off while something that it sent was still unread (ECONNRESET).
      return null;
    }
  }

  [Symbol.dispose](): void {
    this.#socket.destroy();
  }
}

/** socket.io as anyone may speak it: nothing is checked before it is sent. */
export async function openSocketIo(at: string | { port: number }, token: string, extraHeaders: Record<string, string> = {}) {
  const [url, agent] =
    typeof at === 'string'
      ? ['http://plimsoll', new Agent({ socketPath: at } as object)]
      : [`http://127.0.0.1:${at.port}`, new Agent()];
  const socket = io(url, {
    transports: ['websocket'],
    agent: agent as never,
    auth: { token },
    extraHeaders,
    forceNew: true,
    reconnection: false,
  });
  const { promise, resolve, reject } = Promise.withResolvers<Hello>();
  socket.once('hello', resolve).once('connect_error', reject);
  return Object.assign(socket, { hello: await promise });
}
