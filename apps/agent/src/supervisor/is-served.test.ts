import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { isServed } from './is-served.ts';

/** Listens, hands its socket to a child as the standard input, and says the child's pid. */
const LISTEN = `
  const server = require('net').createServer().listen(process.argv[1], () => {
    const child = require('child_process').spawn('sleep', ['60'], { stdio: [server._handle.fd, 'ignore', 'ignore'] });
    console.log(child.pid);
  });
`;

let directory: string;
let path: string;
let copyHolder: number | null;
let listener: ChildProcess | null;
beforeEach(() => {
  copyHolder = listener = null;
  directory = mkdtempSync(join(tmpdir(), 'served-'));
  path = join(directory, 'supervisor.sock');
});
afterEach(async () => {
  if (copyHolder !== null) process.kill(copyHolder, 'SIGKILL');
  await killListener();
  rmSync(directory, { recursive: true });
});

async function listen(name: string): Promise<void> {
  listener = spawn(process.execPath, ['-e', LISTEN, path, name], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [pid] = (await once(listener.stdout!, 'data')) as [Buffer];
  copyHolder = Number(pid);
}

async function killListener(): Promise<void> {
  const exited = listener === null ? null : once(listener, 'exit');
  listener?.kill('SIGKILL');
  listener = null;
  await exited;
}

test('by a supervisor that listens, and by no copy of its socket that outlives it', async () => {
  expect(await isServed(path)).toBe(false);
  await listen('supervisor/main.ts');
  expect(await isServed(path)).toBe(true);
  await killListener();
  expect(await isServed(path, 5)).toBe(false);
});

test('by nothing else that listens there', async () => {
  await listen('other');
  expect(await isServed(path, 5)).toBe(false);
});
