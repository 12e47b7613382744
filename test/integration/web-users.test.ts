import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { listen } from '../../apps/agent/src/agent/server/listen.ts';
import { takeWebUser } from '../../apps/agent/src/launcher/web-user.ts';
import { ownDirectory } from '../support/leftovers.ts';

/** What each Plimsoll has that belongs to its web process: a user, the socket to its agent, a process. */
interface Web {
  uid: number;
  socket: string;
  pid: number;
}

const owned = new AsyncDisposableStack();
let directory: string;
let webs: Web[];

beforeAll(async () => {
  directory = mkdtempSync(join(ownDirectory(), 'users-'));
  chmodSync(directory, 0o755);
  owned.defer(() => rmSync(directory, { recursive: true }));
  webs = await Promise.all(['one', 'two'].map(begin));
});
afterAll(async () => await owned.disposeAsync());

async function begin(name: string): Promise<Web> {
  const { uid } = owned.use(await takeWebUser({ home: `/srv/${name}`, asked: '', locks: join(directory, 'locks') }));
  const socket = join(directory, `${name}.sock`);
  const server: Server = createServer((_request, response) => response.end('agent'));
  await listen(server, socket, uid);
  owned.defer(() => void server.close());
  const process = spawn('sleep', ['infinity'], { uid, gid: uid, stdio: 'ignore' });
  owned.defer(() => void process.kill('SIGKILL'));
  await once(process, 'spawn');
  return { uid, socket, pid: process.pid ?? 0 };
}

const ATTEMPTS = `
  const [, socketPath, pid] = process.argv;
  const said = (error) => error?.code ?? 'done';
  const kill = () => { try { process.kill(Number(pid), 0); } catch (error) { return error; } };
  require('http').get({ socketPath }, (response) => response.resume().on('end', () => finish()))
    .on('error', (error) => finish(error));
  const finish = (error) => console.log(said(error), said(kill()));
`;

/** What a process of this user may do: connect, and send a signal. */
async function attempts(uid: number, { socket, pid }: Web): Promise<string> {
  const child = spawn(process.execPath, ['-e', ATTEMPTS, socket, String(pid)], {
    ...{ uid, gid: uid, cwd: '/', env: {} },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  return (await text(child.stdout)).trim();
}

test("the web process of one state root reaches neither agent nor web process of another's", async () => {
  const [one, two] = webs as [Web, Web];
  expect(await attempts(one.uid, one)).toBe('done done');
  expect(await attempts(two.uid, two)).toBe('done done');
  expect(await attempts(one.uid, two)).toBe('EACCES EPERM');
  expect(await attempts(two.uid, one)).toBe('EACCES EPERM');
});
