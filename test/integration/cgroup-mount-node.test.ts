// @module-tag kernel

import { cpSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { SharedLibraries } from '../../apps/agent/src/images/shared-libraries.ts';
import { Core, type Outcome } from '../support/core.ts';
import { World } from '../support/world.ts';

const MEBIBYTE = 1024 * 1024;
/** V8 makes its heap no smaller than some 256 MiB, whatever it finds. */
const LIMIT = 512 * MEBIBYTE;
const SIGKILL = 9;

/** It takes what a limit leaves and more, in objects that live on. */
const LEAK = 'const kept = []; for (;;) kept.push(new Array(100_000).fill(0).map((_, i) => ({ i })))';

let core: Core;
/** The libraries of the program that runs this test. */
let libraries: string;

beforeAll(async () => {
  core = await Core.make();
  libraries = join(core.directory, 'libraries');
  for (const { source, path } of new SharedLibraries().of(process.execPath)) {
    const target = join(libraries, path);
    mkdirSync(dirname(target), { recursive: true });
    cpSync(source, target);
  }
});
afterAll(async () => await core[Symbol.asyncDispose]());

async function runNode(script: string, memoryBytes?: number): Promise<Outcome> {
  const node = { destination: '/node', type: 'bind', source: process.execPath, options: ['bind', 'ro'] };
  const limits = memoryBytes === undefined ? {} : { memoryBytes };
  return await core.run(['/node', '-e', script], { layers: [libraries, ...core.baseLayers], mounts: [node], limits });
}

/** What Node has found, and V8 made of it, in MiB. */
async function memoryOf(memoryBytes?: number): Promise<{ constrained: number; heap: number }> {
  const script = `const { heap_size_limit } = require('v8').getHeapStatistics();
    console.log(JSON.stringify({ constrained: process.constrainedMemory() / 2 ** 20, heap: heap_size_limit / 2 ** 20 }))`;
  const { stdout } = await runNode(script, memoryBytes);
  return JSON.parse(stdout) as { constrained: number; heap: number };
}

test('Node chooses the size of its heap by the container’s limit', async () => {
  const limited = await memoryOf(LIMIT);
  expect(limited.constrained).toBe(LIMIT / MEBIBYTE);
  expect(limited.heap).toBeLessThan(LIMIT / MEBIBYTE);
  const unlimited = await memoryOf();
  expect(unlimited.heap).toBeGreaterThan(LIMIT / MEBIBYTE);
});

test('a Node that leaks says so before the kernel would kill it', async () => {
  const { exit, stderr } = await runNode(LEAK, LIMIT);
  expect(stderr).toContain('JavaScript heap out of memory');
  expect(exit.signal).not.toBe(SIGKILL);
});

test('so it does with `plimsoll run -m`, where it comes from the host by bind mounts', async () => {
  const world = await World.shared();
  const binds = [{ source: process.execPath, path: '/node' }, ...new SharedLibraries().of(process.execPath)];
  const volumes = binds.flatMap(({ source, path }) => ['-v', `${source}:${join('/', path)}:ro`]);
  const script = "console.log(require('v8').getHeapStatistics().heap_size_limit)";
  const heapOf = async (...limit: string[]): Promise<number> => {
    const command = world.plimsollProcess(['run', '--rm', ...limit, ...volumes, '--', '/node', '-e', script]);
    const { code, stdout, stderr } = await command.ended;
    if (code !== 0) throw new Error(`ended with ${code}: ${stderr}`);
    return Number(stdout);
  };
  expect(await heapOf('-m', '512m')).toBeLessThan(LIMIT);
  expect(await heapOf()).toBeGreaterThan(LIMIT);
});
