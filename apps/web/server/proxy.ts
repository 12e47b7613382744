import { request, STATUS_CODES, type IncomingMessage, type RequestOptions, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { requestHeaders, responseHeaders, type Asking } from './proxy-headers.ts';

/** A request as the agent gets it. */
export interface Passed extends Asking {
  /** With its query, and without the base path. */
  path: string;
}

/** Passes requests on to the agent's unix socket, with the session's credential instead of the browser's cookies. */
export class AgentProxy {
  readonly #socketPath: string;
  readonly #refused: (session: string) => void;

  /** `refused` is called with each session that the agent refuses. */
  constructor(socketPath: string, refused: (session: string) => void) {
    this.#socketPath = socketPath;
    this.#refused = refused;
  }

  forward(incoming: IncomingMessage, response: ServerResponse, passed: Passed): void {
    // While its session was checked: it has no further event.
    if (response.destroyed) return;
    const outgoing = request(this.#target(incoming, passed, false));
    outgoing.on('response', (answer) => {
      if (answer.statusCode === 401) this.#refused(passed.session);
      response.writeHead(answer.statusCode ?? 502, responseHeaders(answer.headers));
      answer.pipe(response);
      answer.on('error', () => response.destroy());
    });
    outgoing.on('error', () => {
      if (response.headersSent) response.destroy();
      else response.writeHead(503, { 'content-type': 'text/plain' }).end('The agent cannot be reached.\n');
    });
    response.on('close', () => outgoing.destroy());
    incoming.pipe(outgoing);
  }

  upgrade(incoming: IncomingMessage, browser: Duplex, head: Buffer, passed: Passed): void {
    if (browser.destroyed) return;
    const outgoing = request(this.#target(incoming, passed, true));
    browser.on('error', () => outgoing.destroy());
    browser.on('close', () => outgoing.destroy());
    outgoing.on('error', () => refuseUpgrade(browser, 503, 'The agent cannot be reached.'));
    outgoing.on('response', (answer) => {
      answer.resume();
      if (answer.statusCode === 401) this.#refused(passed.session);
      refuseUpgrade(browser, answer.statusCode ?? 502, 'The agent refused the connection.');
    });
    outgoing.on('upgrade', (answer, agent, agentHead) => {
      browser.write(`HTTP/1.1 101 Switching Protocols\r\n${rawHeaders(answer)}\r\n`);
      if (agentHead.byteLength > 0) browser.write(agentHead);
      if (head.byteLength > 0) agent.write(head);
      agent.on('error', () => browser.destroy());
      agent.on('close', () => browser.destroy());
      browser.on('close', () => agent.destroy());
      // A browser that has ended reads nothing any more: its connection has no half that is of use.
      browser.on('end', () => browser.destroy());
      browser.on('timeout', () => browser.destroy());
      agent.pipe(browser).pipe(agent);
    });
    outgoing.end();
  }

  #target(incoming: IncomingMessage, { path, ...asking }: Passed, upgrade: boolean): RequestOptions {
    return {
      socketPath: this.#socketPath,
      method: incoming.method,
      path,
      headers: requestHeaders(incoming.headers, asking, upgrade),
    };
  }
}

/** Answers an upgrade request with an HTTP error, and closes, whether the browser closes or not. */
export function refuseUpgrade(socket: Duplex, status: number, sentence: string): void {
  if (socket.destroyed) return;
  const body = `${sentence}\n`;
  const headers = ['Connection: close', 'Content-Type: text/plain', `Content-Length: ${Buffer.byteLength(body)}`];
  socket.on('error', () => {});
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${headers.join('\r\n')}\r\n\r\n${body}`, () => socket.destroy());
}

function rawHeaders(answer: IncomingMessage): string {
  const lines: string[] = [];
  for (let i = 0; i + 1 < answer.rawHeaders.length; i += 2) {
    lines.push(`${answer.rawHeaders[i]}: ${answer.rawHeaders[i + 1]}\r\n`);
  }
  return lines.join('');
}
