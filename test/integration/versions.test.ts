import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import type { ContainerRecord } from '../../apps/agent/src/supervisor/protocol.ts';
import { counted, COUNTING, expectComplete, untilLogged } from '../support/counting.ts';
import { journalEntries } from '../support/journal.ts';
import { changedProgram, type Patch } from '../support/program.ts';
import { REQUEST_DEADLINE_MS, World } from '../support/world.ts';

const SUPERVISOR = 'apps/agent/src/supervisor';

/** The next minor version of everything that the supervisor stores and sends: it adds a field to each. */
const NEXT_MINOR: Patch[] = [
  [
    `${SUPERVISOR}/journal-entry.ts`,
    'JOURNAL_VERSION: FormatVersion = { major: 1, minor: 0 }',
    'JOURNAL_VERSION: FormatVersion = { major: 1, minor: 1 }',
  ],
  [
    `${SUPERVISOR}/journal.ts`,
    'this.#writeLine(JSON.stringify(entry));',
    "this.#writeLine(JSON.stringify({ ...entry, added: 'by 1.1' }));",
  ],
  [
    `${SUPERVISOR}/store.ts`,
    'STATE_VERSION: FormatVersion = { major: 1, minor: 0 }',
    'STATE_VERSION: FormatVersion = { major: 1, minor: 1 }',
  ],
  [`${SUPERVISOR}/store.ts`, '{ ...value, version: STATE_VERSION }', "{ ...value, added: 'by 1.1', version: STATE_VERSION }"],
  [`${SUPERVISOR}/store.ts`, '{ ...state, version: STATE_VERSION }', "{ ...state, added: 'by 1.1', version: STATE_VERSION }"],
  [
    `${SUPERVISOR}/protocol.ts`,
    'SUPERVISOR_PROTOCOL: FormatVersion = { major: 1, minor: 0 }',
    'SUPERVISOR_PROTOCOL: FormatVersion = { major: 1, minor: 1 }',
  ],
  [`${SUPERVISOR}/server.ts`, 'const self = {', "const self = { added: 'by 1.1',"],
];
const NEXT_MAJOR: Patch[] = [
  [
    `${SUPERVISOR}/journal-entry.ts`,
    'JOURNAL_VERSION: FormatVersion = { major: 1, minor: 0 }',
    'JOURNAL_VERSION: FormatVersion = { major: 2, minor: 0 }',
  ],
];

let world: World;
afterEach(async () => await world[Symbol.asyncDispose]());

async function goOnWith(program: string): Promise<void> {
  await world.end('supervisor', 'SIGTERM');
  world.program = program;
  await world.startSupervisor();
}

const stateOf = async ({ id }: ContainerRecord) => (await world.record(id))?.state;
const rename = async ({ id }: ContainerRecord, name: string) =>
  await world.link.request('rename', { id, name }, REQUEST_DEADLINE_MS);
const setGroup = async (displayName: string) =>
  await world.link.request('setGroup', { group: 'acme', displayName, limits: {} }, REQUEST_DEADLINE_MS);

/** Entries of the journal about one thing that have what the newer version has added. */
function added(kind: string, id: string): unknown[] {
  const entries = journalEntries<{ kind: string; id?: string; added?: string }>(world.state.lib);
  return entries.filter((entry) => entry.kind === kind && entry.id === id && entry.added === 'by 1.1');
}

test('two minor versions take over from each other, forth and back, while containers run: nothing is lost', async () => {
  world = await World.make({ agent: false });
  const now = world.program;
  const next = changedProgram(join(world.directory, 'next'), NEXT_MINOR);
  const first = await world.run(COUNTING);
  await goOnWith(next);
  expect(await stateOf(first)).toEqual(first.state);
  await world.link.request('createGroup', { group: 'acme', limits: { pids: 99 } }, REQUEST_DEADLINE_MS);
  const second = await world.run(COUNTING, { group: 'acme' });
  const exited = await world.run(['/bin/sh', '-c', 'exit 5']);
  await world.link.request('wait', { id: exited.id }, REQUEST_DEADLINE_MS);

  await goOnWith(now);
  for (const one of [first, second]) expect(await stateOf(one)).toEqual(one.state);
  expect(await stateOf(exited)).toMatchObject({ status: 'exited', exitCode: 5 });
  await rename(second, 'renamed');
  await setGroup('Acme');
  await world.link.request('freeze', { id: second.id }, REQUEST_DEADLINE_MS);
  // With every start the journal is read, and with some rewritten.
  await goOnWith(now);

  await goOnWith(next);
  expect(await stateOf(first)).toEqual(first.state);
  expect(await world.record(second.id)).toMatchObject({ name: 'renamed', state: { status: 'frozen' } });
  const { groups, warnings } = await world.link.request('subscribe', {}, REQUEST_DEADLINE_MS);
  expect(groups.find(({ path }) => path === 'acme')).toMatchObject({ displayName: 'Acme', limits: { pids: 99 } });
  expect(warnings).toEqual([]);
  // What the newer version has added is there still, though the older one has written the files since.
  expect(added('created', second.id)).toHaveLength(1);
  expect(added('exit', exited.id)).toHaveLength(1);
  expect(added('group', 'acme').length).toBeGreaterThan(0);
  for (const file of [`lib/containers/${second.id}/container.json`, `run/containers/${second.id}/state.json`]) {
    expect(readFileSync(join(world.directory, file), 'utf8'), file).toContain('"added":"by 1.1"');
  }

  await world.link.request('thaw', { id: second.id }, REQUEST_DEADLINE_MS);
  for (const { id } of [first, second]) {
    await untilLogged(world, id, Math.max(...counted(world, id)) + 5);
    await world.link.request('kill', { id }, REQUEST_DEADLINE_MS);
    expectComplete(counted(world, id));
  }
});

test('what a newer major version has written is refused with what to do, and stays as it is', async () => {
  world = await World.make({ agent: false });
  const now = world.program;
  const running = await world.run(COUNTING);
  await goOnWith(changedProgram(join(world.directory, 'next'), NEXT_MAJOR));
  expect(await stateOf(running)).toEqual(running.state);
  await world.end('supervisor', 'SIGTERM');
  world.program = now;
  const before = readFileSync(join(world.state.lib, 'journal.jsonl'));
  await expect(world.startSupervisor()).rejects.toThrow(
    /journal.*has version 2\.0 of its format; this Plimsoll reads 1\.x and older\. Update this Plimsoll, or use the one that wrote it\./,
  );
  expect(readFileSync(join(world.state.lib, 'journal.jsonl')).equals(before)).toBe(true);
  expect(readdirSync(join(world.state.lib, 'containers'))).toEqual([running.id]);
  world.program = join(world.directory, 'next');
  await world.startSupervisor();
  expect(await stateOf(running)).toEqual(running.state);
});
