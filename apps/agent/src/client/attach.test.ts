import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { encodeFrame, encodeMessage } from '../attach/frame.ts';
import { stateRoot } from '../state-root.ts';
import { Attachment } from './attach.ts';

const HOUR_MS = 3_600_000;

let directory: string;
let server: Server;
/** The connections that were made, and what the supervisor of each does. */
let connections: number;
let supervise: (socket: Socket, connection: number) => void;
beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'attach-'));
  connections = 0;
  server = createServer((socket) => {
    socket.on('error', () => {});
    socket.once('data', () => supervise(socket, ++connections));
  });
  server.listen(join(directory, 'attach.sock'));
  await once(server, 'listening');
});
afterEach(() => {
  server.close();
  rmSync(directory, { recursive: true });
});

function attach(): Attachment {
  // The supervisor's own socket is there as well: it was not shut down.
  const socket = join(directory, 'attach.sock');
  const state = { ...stateRoot({ PLIMSOLL_ROOT: directory }), attachSocket: socket, supervisorSocket: socket };
  const signal = new AbortController().signal;
  return new Attachment({ state, container: '0123456789abcdef', incarnation: 1, stdin: null, write: async () => {}, signal });
}

const attached = encodeMessage('attached', { stdin: null, isCut: false });
const end = encodeMessage('end', { record: null });

test('a quiet container is attached to again however late its supervisor is replaced again', async () => {
  let lateMs = 0;
  const now = performance.now.bind(performance);
  using _ = vi.spyOn(performance, 'now').mockImplementation(() => now() + lateMs);
  supervise = (socket, connection) => {
    socket.write(attached);
    if (connection === 3) return void socket.end(end);
    setTimeout(() => {
      lateMs += HOUR_MS;
      socket.destroy();
    }, 20);
  };
  using attachment = attach();
  expect(await attachment.untilEnd()).toMatchObject({ record: null, lostBytes: 0, isUncertain: false });
  expect(connections).toBe(3);
});

test('a supervisor that is away for long is given up', async () => {
  let lateMs = 0;
  const now = performance.now.bind(performance);
  using _ = vi.spyOn(performance, 'now').mockImplementation(() => now() + lateMs);
  supervise = (socket) => {
    lateMs += HOUR_MS;
    socket.destroy();
  };
  using attachment = attach();
  await expect(attachment.untilEnd()).rejects.toMatchObject({ code: 'unavailable' });
  expect(connections).toBe(2);
});

test('what the supervisor does not know is reported', async () => {
  supervise = (socket) => {
    socket.write(attached);
    socket.write(encodeFrame('uncertain'));
    socket.write(encodeMessage('lost', { stream: 'stderr', bytes: 7 }));
    socket.end(end);
  };
  using attachment = attach();
  expect(await attachment.untilEnd()).toMatchObject({ lostBytes: 7, isUncertain: true });
});
