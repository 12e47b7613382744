import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { checkedLine } from '../../apps/agent/src/supervisor/checked-line.ts';
import { until } from '../support/until.ts';
import { REQUEST_DEADLINE_MS, World } from '../support/world.ts';

const MEBIBYTE = 1024 * 1024;
const AT = '2026-01-31T12:00:00.000Z';

let world: World;
afterEach(async () => await world[Symbol.asyncDispose]());

const journal = () => join(world.state.lib, 'journal.jsonl');

/** Of the supervisor, since its start, in bytes. */
function mostMemory(): number {
  const status = readFileSync(`/proc/${world.supervisor?.pid}/status`, 'latin1');
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1]) * 1024;
}

/** Ends of containers that the ledger has, as a supervisor leaves them that had much to do. */
function writeLongJournal(bytes: number): void {
  const lines: Buffer[] = [];
  for (let seq = 1, length = 0; length < bytes; seq++) {
    const id = seq.toString(16).padStart(16, '0');
    const exit = {
      ...{ kind: 'exit', seq, id, name: `name-${seq}`, group: 'default', image: 'base', labels: {}, limits: {}, incarnation: 1 },
      ...{ startedAt: AT, exitedAt: AT, startedMonotonicNs: '1', exitedMonotonicNs: '2', counters: null },
      ...{ exitCode: 0, signal: null, oomKilled: false },
    };
    for (const entry of [exit, { kind: 'acknowledged', id: 'ledger', seqs: [seq] }, { kind: 'removed', id }]) {
      lines.push(checkedLine(JSON.stringify(entry)));
      length += lines.at(-1)?.length ?? 0;
    }
  }
  mkdirSync(world.state.lib, { recursive: true });
  writeFileSync(journal(), Buffer.concat([...lines, Buffer.alloc(MEBIBYTE)]));
}

test('the supervisor stays below 128 MiB when it reads a long journal, and when it rewrites one', async () => {
  // With this start, if not before, its code is compiled: a first one needs the TypeScript parser.
  world = await World.make({ agent: false });
  await world.end('supervisor', 'SIGTERM');
  writeLongJournal(12 * MEBIBYTE);
  await world.startSupervisor();
  expect(mostMemory()).toBeLessThan(128 * MEBIBYTE);
  expect(statSync(journal()).size).toBeLessThan(2 * MEBIBYTE);

  let largest = 0;
  const labels = { large: 'x'.repeat(200_000) };
  const { config, ...rest } = await world.define({ command: ['true'] });
  for (let i = 0; i < 60; i++) {
    const id = (i + 1).toString(16).padStart(16, 'f');
    const linux = { ...(config['linux'] as object), cgroupsPath: `${world.state.cgroup}/default/${id}` };
    const definition = { ...rest, id, name: `large-${i}`, labels, config: { ...config, linux } };
    await world.link.request('create', { definition }, REQUEST_DEADLINE_MS);
    await world.link.request('remove', { id, force: false }, REQUEST_DEADLINE_MS);
    largest = Math.max(largest, statSync(journal()).size);
  }
  expect(largest).toBeGreaterThan(8 * MEBIBYTE);
  await until('it is rewritten', () => statSync(journal()).size < 6 * MEBIBYTE);
  expect(mostMemory()).toBeLessThan(128 * MEBIBYTE);
});
