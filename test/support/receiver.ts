import { createHmac, timingSafeEqual } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { until } from './until.ts';

export interface Received {
  id: string;
  /** Whether it is signed with the receiver's secret, and of now. */
  isSigned: boolean;
  body: { type: string; words: string; delivery: string; alert: { id: string } & Record<string, unknown> };
}

type Respond = (response: ServerResponse, received: Received) => void;

const FRESH_S = 300;

/** A receiver of webhooks on loopback, that verifies as the README says. */
export class Receiver implements AsyncDisposable {
  readonly secret = 'the-secret-of-a-receiver';
  readonly received: Received[] = [];
  connections = 0;
  respond: Respond = (response) => response.writeHead(204).end();
  readonly #server = createServer((request, response) => void this.#take(request, response));

  static async open(): Promise<Receiver> {
    const receiver = new Receiver();
    receiver.#server.on('connection', () => (receiver.connections += 1));
    receiver.#server.listen(0, '127.0.0.1');
    await once(receiver.#server, 'listening');
    return receiver;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get webhook(): { url: string; secret: string } {
    return { url: `http://127.0.0.1:${this.port}/hook`, secret: this.secret };
  }

  /** The first so many of a type. */
  async of(type: string, count = 1): Promise<Received[]> {
    const received = await until(`${count} of ${type}`, () => {
      const found = this.received.filter(({ body }) => body.type === type);
      return found.length >= count ? found : null;
    });
    return received;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.close();
    this.#server.closeAllConnections();
    await once(this.#server, 'close');
  }

  async #take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await text(request);
    const header = (name: string): string => String(request.headers[name]);
    const timestamp = header('plimsoll-timestamp');
    const expected = `v1=${createHmac('sha256', this.secret).update(`${timestamp}.${body}`).digest('hex')}`;
    const signature = header('plimsoll-signature');
    const isEqual = signature.length === expected.length && timingSafeEqual(Buffer.from(signature), Buffer.from(expected));
    const isFresh = Math.abs(Date.now() / 1000 - Number(timestamp)) < FRESH_S;
    const parsed = JSON.parse(body) as Received['body'];
    const received = { id: header('plimsoll-delivery'), isSigned: isEqual && isFresh, body: parsed };
    this.received.push(received);
    this.respond(response, received);
  }
}
