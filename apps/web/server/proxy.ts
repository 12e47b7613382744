import { request, type IncomingMessage, type RequestOptions, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { requestHeaders, responseHeaders } from './proxy-headers.ts';

/** Passes requests on to the agent's unix socket, with the session's credential instead of the browser's cookies. */
export class AgentProxy {
  readonly #socketPath: string;

  constructor(socketPath: string) {
    this.#socketPath = socketPath;
  }

  forward(incoming: IncomingMessage, response: ServerResponse, session: string): void {
    const outgoing = request(this.#target(incoming, session, false));
    outgoing.on('response', (answer) => {
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

  upgrade(incoming: IncomingMessage, browser: Duplex, head: Buffer, session: string): void {
    const outgoing = request(this.#target(incoming, session, true));
    browser.on('error', () => outgoing.destroy());
    browser.on('close', () => outgoing.destroy());
    outgoing.on('error', () => refuseUpgrade(browser, 503, 'The agent cannot be reached.'));
    outgoing.on('response', (answer) => {
      answer.resume();
      refuseUpgrade(browser, answer.statusCode ?? 502, 'The agent refused the connection.');
    });
    outgoing.on('upgrade', (answer, agent, agentHead) => {
      browser.write(`HTTP/1.1 101 Switching Protocols\r\n${rawHeaders(answer)}\r\n`);
      if (agentHead.byteLength > 0) browser.write(agentHead);
      if (head.byteLength > 0) agent.write(head);
      agent.on('error', () => browser.destroy());
      agent.on('close', () => browser.destroy());
      browser.on('close', () => agent.destroy());
      agent.pipe(browser).pipe(agent);
    });
    outgoing.end();
  }

  #target(incoming: IncomingMessage, session: string, upgrade: boolean): RequestOptions {
    return {
      socketPath: this.#socketPath,
      method: incoming.method,
      path: incoming.url,
      headers: requestHeaders(incoming.headers, { session, address: incoming.socket.remoteAddress }, upgrade),
    };
  }
}

/** Answers an upgrade request with an HTTP error, and closes. */
export function refuseUpgrade(socket: Duplex, status: number, sentence: string): void {
  if (socket.destroyed) return;
  const body = `${sentence}\n`;
  socket.end(
    `HTTP/1.1 ${status} Refused\r\nConnection: close\r\nContent-Type: text/plain\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
}

function rawHeaders(answer: IncomingMessage): string {
  const lines: string[] = [];
  for (let i = 0; i + 1 < answer.rawHeaders.length; i += 2) {
    lines.push(`${answer.rawHeaders[i]}: ${answer.rawHeaders[i + 1]}\r\n`);
  }
  return lines.join('');
}
