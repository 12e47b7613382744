import { readFileSync, rmSync, statSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { FillableDisk } from '../support/fillable-disk.ts';
import { until } from '../support/until.ts';
import { REQUEST_DEADLINE_MS, World } from '../support/world.ts';

const MEBIBYTE = 1024 * 1024;

let disk: FillableDisk;
let world: World;
beforeEach(() => {
  disk = new FillableDisk('tmpfs', 192 * MEBIBYTE);
});
afterEach(async () => {
  await world[Symbol.asyncDispose]();
  disk[Symbol.dispose]();
});

const lib = (file: string): string => join(world.state.lib, file);
const hostId = (): unknown => (JSON.parse(readFileSync(lib('host.json'), 'utf8')) as { id: unknown }).id;

/** Full, with nothing that was taken ahead for the journal. No supervisor runs. */
function fillAll(): void {
  rmSync(lib('reserve'), { force: true });
  const journal = readFileSync(lib('journal.jsonl'));
  truncateSync(lib('journal.jsonl'), journal.indexOf(0) + 1);
  disk.fill();
}

test('a start that failed on a full disk does not overrule the next one, also after a kill -9 of the supervisor', async () => {
  world = await World.make({ below: disk.directory, agent: false });
  const definition = await world.define({ command: ['sleep', '1000'] });
  const { id } = definition;
  await world.link.request('create', { definition }, REQUEST_DEADLINE_MS);
  await world.end('supervisor', 'SIGTERM');
  fillAll();
  await world.startSupervisor();
  await expect(world.link.request('start', { id }, REQUEST_DEADLINE_MS)).rejects.toMatchObject({ code: 'disk-full' });
  disk.free();
  const started = await world.link.request('start', { id }, REQUEST_DEADLINE_MS);
  expect(started.state.status).toBe('running');
  await until('what waited is written', () => readFileSync(lib('journal.jsonl'), 'utf8').includes('"kind":"failed"'));
  await world.end('supervisor');
  await world.startSupervisor();
  expect(await world.record(id)).toMatchObject({ incarnation: started.incarnation, state: started.state });
});

test.each([
  ['with a reserve', () => disk.fill()],
  ['without any room', fillAll],
])('supervisor and agent start on a full disk where files of theirs are missing, %s', async (_, fill) => {
  world = await World.make({ below: disk.directory });
  const { id, state } = await world.run(['sleep', '1000'], { name: 'one' });
  await until('the reserve is there', () => statSync(lib('reserve'), { throwIfNoEntry: false })?.size === 8 * MEBIBYTE);
  const host = hostId();
  for (const which of ['agent', 'supervisor'] as const) await world.end(which);
  fill();
  const files = ['host.json', 'stores.json', 'images/names.json', 'journal.jsonl'];
  for (const file of files) rmSync(lib(file));
  disk.fill();
  await world.startSupervisor();
  await world.startAgent();
  expect((await world.plimsoll('ps')).stdout).toMatch(/one +running/);
  expect(await world.record(id)).toMatchObject({ state });
  disk.free();
  for (const which of ['agent', 'supervisor'] as const) await world.end(which);
  await world.startSupervisor();
  await world.startAgent();
  for (const file of files) expect(readFileSync(lib(file), 'utf8')).not.toBe('');
  expect(hostId()).toBe(host);
  expect(await world.record(id)).toMatchObject({ state });
  expect((await world.plimsoll('run', '--rm', 'base', 'true')).code).toBe(0);
});
