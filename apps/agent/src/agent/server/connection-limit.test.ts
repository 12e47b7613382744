import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { limitConnections } from './connection-limit.ts';

/** Sets the soft limit alone, which may be raised again. */
function limitOpenFiles(limit: string): void {
  execFileSync('prlimit', [`--nofile=${limit}:`, '--pid', String(process.pid)]);
}

test('a socket takes a quarter of the descriptors, and more when some are free again', async () => {
  using undo = new DisposableStack();
  const directory = mkdtempSync(join(tmpdir(), 'plimsoll-connections-'));
  undo.defer(() => rmSync(directory, { recursive: true }));
  const before = execFileSync('prlimit', ['--nofile', '--output=SOFT', '--noheadings', '--raw', '--pid', String(process.pid)], {
    encoding: 'utf8',
  });
  const server = createServer();
  undo.defer(() => void server.close());
  limitOpenFiles('800');
  try {
    limitConnections(server, directory);
  } finally {
    limitOpenFiles(before.trim());
  }
  server.listen(join(directory, 'socket'));
  await once(server, 'listening');
  let ended = 0;
  const connect = () =>
    createConnection(join(directory, 'socket'))
      .on('error', () => {})
      .on('close', () => (ended += 1));
  const sockets = Array.from({ length: 250 }, connect);
  undo.defer(() => sockets.forEach((socket) => socket.destroy()));
  await vi.waitFor(() => expect(ended).toBe(50), { timeout: 30_000 });
  sockets.forEach((socket) => socket.destroy());
  await vi.waitFor(() => expect(ended).toBe(250), { timeout: 30_000 });
  server.on('request', (_, response) => response.end());
  const again = connect();
  again.write('GET / HTTP/1.1\r\nHost: agent\r\n\r\n');
  expect(String((await once(again, 'data'))[0])).toMatch(/^HTTP\/1.1 200/);
  again.destroy();
});
