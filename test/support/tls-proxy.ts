import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { request, type IncomingMessage, type OutgoingHttpHeaders } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { join } from 'node:path';
import { ownDirectory } from './leftovers.ts';

/** Where this proxy says that every browser is (RFC 5737). */
export const BROWSER = '198.51.100.7';

/** A reverse proxy with a certificate of its own making, as small as one can be: it adds the headers that nginx is configured to add. */
export class TlsProxy implements AsyncDisposable {
  /** Of what it passes requests on to, on loopback. */
  target = 0;
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
  }

  static async open(): Promise<TlsProxy> {
    const proxy = new TlsProxy(createServer(certificate()));
    const server = proxy.#server;
    server.on('request', (incoming, response) => {
      const outgoing = request(proxy.#passed(incoming), (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(response);
      });
      outgoing.on('error', () => response.destroy());
      incoming.pipe(outgoing);
    });
    server.on('upgrade', (incoming, browser: Socket) => {
      const outgoing = request(proxy.#passed(incoming));
      outgoing.on('error', () => browser.destroy());
      outgoing.on('response', () => browser.destroy());
      outgoing.on('upgrade', ({ rawHeaders }, web, head) => {
        const lines = rawHeaders.flatMap((name, i) => (i % 2 === 0 ? [`${name}: ${rawHeaders[i + 1]}\r\n`] : []));
        browser.write(`HTTP/1.1 101 Switching Protocols\r\n${lines.join('')}\r\n`);
        browser.write(head);
        for (const [one, other] of [
          [browser, web],
          [web, browser],
        ] as const) {
          one.on('error', () => other.destroy()).on('close', () => other.destroy());
          one.pipe(other);
        }
      });
      outgoing.end();
    });
    server.listen({ host: '127.0.0.1', port: 0 });
    await once(server, 'listening');
    return proxy;
  }

  /** As a browser names it. */
  get host(): string {
    return `localhost:${(this.#server.address() as AddressInfo).port}`;
  }

  #passed({ method, url, headers }: IncomingMessage) {
    const added: OutgoingHttpHeaders = {
      // What a client may have said of itself stays in front.
      'x-forwarded-for': [headers['x-forwarded-for'], BROWSER].filter(Boolean).join(', '),
      'x-forwarded-proto': 'https',
    };
    return { host: '127.0.0.1', port: this.target, method, path: url, headers: { ...headers, ...added } };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.close();
    this.#server.closeAllConnections();
    await Promise.resolve();
  }
}

function certificate(): { key: Buffer; cert: Buffer } {
  const directory = mkdtempSync(join(ownDirectory(), 'tls-'));
  const [key, cert] = [join(directory, 'key.pem'), join(directory, 'cert.pem')];
  const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'];
  const made = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '1'];
  execFileSync('openssl', [...made, ...subject, '-keyout', key, '-out', cert], { stdio: 'pipe' });
  const read = { key: readFileSync(key), cert: readFileSync(cert) };
  rmSync(directory, { recursive: true });
  return read;
}
