import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { expect, it } from 'vitest';
import { AgentProxy } from './proxy.ts';

const PASSED = { session: 's'.repeat(43), address: '192.0.2.1', path: '/socket.io/' };

function incoming(): IncomingMessage {
  return Object.assign(new PassThrough().end(), { method: 'GET', headers: { host: 'h' } }) as unknown as IncomingMessage;
}

it('passes nothing on for a client that has gone while its session was checked', async () => {
  await using owned = new AsyncDisposableStack();
  const directory = mkdtempSync(join(tmpdir(), 'plimsoll-proxy-'));
  owned.defer(() => rmSync(directory, { recursive: true }));
  const asked: (string | undefined)[] = [];
  const agent = createServer(({ url }, response) => {
    asked.push(url);
    response.end();
  });
  owned.defer(() => {
    agent.close();
    agent.closeAllConnections();
  });
  agent.on('upgrade', ({ url }, socket) => {
    asked.push(url);
    socket.destroy();
  });
  agent.listen(join(directory, 'web.sock'));
  await once(agent, 'listening');
  const proxy = new AgentProxy(join(directory, 'web.sock'), () => {});
  const gone = new PassThrough().destroy();
  await once(gone, 'close');
  proxy.forward(incoming(), gone as unknown as ServerResponse, PASSED);
  proxy.upgrade(incoming(), gone, Buffer.alloc(0), PASSED);
  const here = new PassThrough();
  proxy.upgrade(incoming(), here, Buffer.alloc(0), { ...PASSED, path: '/last' });
  await once(here.resume(), 'close');
  expect(asked).toEqual(['/last']);
});
