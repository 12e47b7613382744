import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Stack } from '../support/stack.ts';
import { until } from '../support/until.ts';

/** Node's, where --inspect-port names no other. */
const PORT = 9229;
const SIGUSR1 = 1n << 9n;

const stack = new Stack();
beforeAll(async () => void (await stack.npmStart()));
afterAll(async () => await stack[Symbol.asyncDispose]());

test('SIGUSR1 opens a debugger in none of the processes of npm start', async () => {
  const processes = nodeProcesses();
  for (const program of ['start.mjs', 'launcher/main.ts', 'supervisor/main.ts', 'agent/main.ts', 'plimsoll-web']) {
    expect(processes.filter(({ command }) => command.includes(program))).toHaveLength(1);
  }
  for (const { pid } of processes) process.kill(pid, 'SIGUSR1');
  const isDeaf = ({ pid }: { pid: number }): boolean => (maskOf(pid, 'SigBlk') & SIGUSR1) !== 0n;
  // The one that runs under the Node of the system has a listener.
  expect(processes.filter((one) => !isDeaf(one)).map(({ command }) => command)).toEqual([expect.stringContaining('start.mjs')]);
  expect((await stack.plimsoll('ps')).code).toBe(0);
  expect(listeners()).not.toContain(PORT);
});

test('SIGUSR1 opens a debugger at no moment of a run, and reaches its container', async () => {
  const run = stack.plimsollProcess([
    'run',
    '--rm',
    '--',
    'sh',
    '-c',
    'trap "exit 7" USR1; echo ready; while :; do sleep 0.01; done',
  ]);
  const seen = new Set<number>();
  // Before it is Node it is a shell, which the signal ends.
  await until('Node has taken the signal over', () =>
    nodeProcesses().some(
      ({ pid, command }) => command.includes(' run ') && ((maskOf(pid, 'SigBlk') | maskOf(pid, 'SigCgt')) & SIGUSR1) !== 0n,
    ),
  );
  run.signal('SIGUSR1');
  await until('the container is ready', () => {
    for (const port of listeners()) seen.add(port);
    return run.stdout.includes('ready');
  });
  run.signal('SIGUSR1');
  expect((await run.ended).code).toBe(7);
  expect(seen).not.toContain(PORT);
});

test('without the option it does', async () => {
  const node = spawn(process.execPath, ['-e', 'console.log("ready"); setTimeout(() => {}, 60_000)'], { stdio: 'pipe' });
  try {
    await once(node.stdout, 'data');
    node.kill('SIGUSR1');
    await until('the debugger listens', () => listeners().includes(PORT));
    expect(node.exitCode).toBeNull();
  } finally {
    node.kill('SIGKILL');
    await once(node, 'exit');
  }
});

/** Those of this Plimsoll but npm's own, which belongs to the system. */
function nodeProcesses(): { pid: number; command: string }[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((name) => ({
      pid: Number(name),
      command: read(name, 'cmdline').replaceAll('\0', ' '),
      environment: read(name, 'environ'),
    }))
    .filter(({ environment }) => environment.split('\0').includes(`PLIMSOLL_ROOT=${stack.directory}`))
    .filter(({ command }) => /(^|\/)node |^plimsoll-web/.test(command));
}

function maskOf(pid: number, name: string): bigint {
  return BigInt(`0x${read(String(pid), 'status').match(new RegExp(`^${name}:\\t(\\w+)$`, 'm'))?.[1] ?? ''}`);
}

/** Local ports of IPv4 that something listens on. */
function listeners(): number[] {
  const lines = readFileSync('/proc/net/tcp', 'latin1').trim().split('\n').slice(1);
  const sockets = lines.map((line) => line.trim().split(/\s+/));
  return sockets
    .filter(([, , , state]) => state === '0A')
    .map(([, address]) => Number.parseInt(address?.split(':')[1] ?? '', 16));
}

function read(pid: string, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'latin1');
  } catch {
    return '';
  }
}
