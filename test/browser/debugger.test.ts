import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Stack } from '../support/stack.ts';
import { until } from '../support/until.ts';

const SIGUSR1 = 1n << 9n;
/** By a part of each command line. */
const PROGRAMS = ['start.mjs', 'launcher/main.ts', 'supervisor/main.ts', 'agent/main.ts', 'plimsoll-web'];

const stack = new Stack();
beforeAll(async () => void (await stack.npmStart()));
afterAll(async () => await stack[Symbol.asyncDispose]());

test('SIGUSR1 opens a debugger in none of the processes of npm start', async () => {
  // A command warms the compile cache, and what one of them spawns has its command line until it execs.
  const processes = await until('each runs once', () => {
    const found = nodeProcesses().filter(({ command }) => PROGRAMS.some((program) => command.includes(program)));
    return found.length === PROGRAMS.length ? found : null;
  });
  const isDeaf = ({ pid }: { pid: number }): boolean => (maskOf(pid, 'SigBlk') & SIGUSR1) !== 0n;
  // The one that runs under the Node of the system has a listener, which blocks all signals while it is called.
  expect(processes.filter((one) => !isDeaf(one)).map(({ command }) => command)).toEqual([expect.stringContaining('start.mjs')]);
  for (const { pid } of processes) process.kill(pid, 'SIGUSR1');
  expect((await stack.plimsoll('ps')).code).toBe(0);
  expect(processes.filter(({ pid, command }) => !command.includes('plimsoll-web') && listens(pid))).toEqual([]);
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
  // Before it is Node it is a shell, which the signal ends.
  const { pid } = await until('Node has taken the signal over', () => {
    const node = nodeProcesses().find(({ command }) => command.includes(' run '));
    return node !== undefined && ((maskOf(node.pid, 'SigBlk') | maskOf(node.pid, 'SigCgt')) & SIGUSR1) !== 0n ? node : null;
  });
  let listened = false;
  run.signal('SIGUSR1');
  await until('the container is ready', () => {
    listened ||= listens(pid);
    return run.stdout.includes('ready');
  });
  run.signal('SIGUSR1');
  expect((await run.ended).code).toBe(7);
  expect(listened).toBe(false);
});

test('without the option it does', async () => {
  const node = spawn(process.execPath, ['--inspect-port=0', '-e', 'console.log("ready"); setTimeout(() => {}, 60_000)'], {
    stdio: 'pipe',
  });
  try {
    await once(node.stdout, 'data');
    node.kill('SIGUSR1');
    await until('the debugger listens', () => listens(node.pid ?? 0));
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

/** Whether a process has a socket that listens on a port of IPv4 (proc_pid_net(5)). */
function listens(pid: number): boolean {
  const lines = readFileSync('/proc/net/tcp', 'latin1').trim().split('\n').slice(1);
  const sockets = lines.map((line) => line.trim().split(/\s+/)).filter(([, , , state]) => state === '0A');
  const inodes = new Set(sockets.map((fields) => `socket:[${fields[9]}]`));
  return readdirSync(`/proc/${pid}/fd`).some((fd) => {
    try {
      return inodes.has(readlinkSync(`/proc/${pid}/fd/${fd}`));
    } catch {
      return false;
    }
  });
}

function read(pid: string, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'latin1');
  } catch {
    return '';
  }
}
