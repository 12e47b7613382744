import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, request, type IncomingMessage, type RequestOptions, type Server, type ServerResponse } from 'node:http';
import { BlockList } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text as bodyOf } from 'node:stream/consumers';
import type { Configuration } from './configuration.ts';
import { listen, type Limits } from './web-server.ts';

export const SESSION = 's'.repeat(43);

/** A web server with an agent that echoes requests. It accepts the session SESSION and the token "good" alone. */
export class WebFixture implements AsyncDisposable {
  readonly port: number;
  readonly server: Server;
  /** Each request that the agent got, `GET /v1/sessions`. */
  readonly asked: string[];
  readonly #agent: Server;
  readonly #directory: string;

  private constructor(web: { server: Server; port: number }, agent: Server, asked: string[], directory: string) {
    this.server = web.server;
    this.port = web.port;
    this.asked = asked;
    this.#agent = agent;
    this.#directory = directory;
  }

  static async open(configuration: Partial<Configuration> = {}, limits?: Limits): Promise<WebFixture> {
    const directory = mkdtempSync(join(tmpdir(), 'plimsoll-web-'));
    const agentSocket = join(directory, 'web.sock');
    const asked: string[] = [];
    const agent = createServer((incoming, response) => {
      asked.push(`${incoming.method} ${incoming.url}`);
      // A client may end before its request does.
      answer(incoming, response).catch(() => response.destroy());
    });
    agent.on('upgrade', (incoming, socket) => {
      socket.write(
        `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n${incoming.headers.authorization}\n`,
      );
      socket.on('error', () => {});
      socket.pipe(socket);
    });
    agent.listen(agentSocket);
    await once(agent, 'listening');
    const pages = Promise.resolve(async (incoming: IncomingMessage, response: ServerResponse) => {
      await Promise.resolve();
      response.end(JSON.stringify({ page: incoming.url, headers: incoming.headers }));
    });
    const usual = { agentSocket, port: 0, uid: null, hosts: [], command: 'npx plimsoll', proxies: new BlockList(), basePath: '' };
    const web = await listen({ ...usual, ...configuration }, pages, limits);
    return new WebFixture(web, agent, asked, directory);
  }

  get cookie(): string {
    return `plimsoll_session_${this.port}=${SESSION}`;
  }

  get origin(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  async connections(): Promise<number> {
    const { promise, resolve, reject } = Promise.withResolvers<number>();
    this.server.getConnections((error, count) => (error === null ? resolve(count) : reject(error)));
    return await promise;
  }

  async ask(path: string, { body = '', ...options }: RequestOptions & { body?: string } = {}) {
    const outgoing = request({ host: '127.0.0.1', port: this.port, path, ...options });
    outgoing.end(body);
    const [response] = (await once(outgoing, 'response')) as [IncomingMessage];
    return { status: response.statusCode, headers: response.headers, text: await bodyOf(response) };
  }

  upgrade(path: string, headers: Record<string, string>) {
    const all = { connection: 'Upgrade', upgrade: 'websocket', ...headers };
    const outgoing = request({ host: '127.0.0.1', port: this.port, path, headers: all });
    outgoing.end();
    return outgoing;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const server of [this.server, this.#agent]) {
      server.close();
      server.closeAllConnections();
    }
    rmSync(this.#directory, { recursive: true });
    await Promise.resolve();
  }
}

async function answer(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
  const body = await bodyOf(incoming);
  response.setHeader('set-cookie', 'agent=1');
  const isSession = incoming.headers.authorization === `Bearer ${SESSION}`;
  if (incoming.url === '/v1/sessions' && incoming.method === 'GET') {
    response.writeHead(isSession ? 200 : 401).end(JSON.stringify({ ok: isSession }));
  } else if (incoming.url === '/v1/sessions' && incoming.method === 'POST') {
    const { token } = JSON.parse(body) as { token: string };
    const expiresAt = '2100-01-01T00:00:00.000Z';
    response.writeHead(token === 'good' ? 200 : token === 'early' ? 503 : 401);
    response.end(JSON.stringify(token === 'good' ? { session: SESSION, expiresAt, from: incoming.headers } : { ok: false }));
  } else {
    response.end(JSON.stringify({ url: incoming.url, headers: incoming.headers, body }));
  }
}
