// @module-tag kernel-full

import { existsSync, readdirSync, readFileSync, renameSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { ContainerRecord } from '../../apps/agent/src/supervisor/protocol.ts';
import { counted, COUNTING, untilLogged } from '../support/counting.ts';
import { SLOWNESS } from '../support/slowness.ts';
import { until } from '../support/until.ts';
import { randomFrom } from '../support/random.ts';
import { REQUEST_DEADLINE_MS, World } from '../support/world.ts';

/** Of the search with random damage. */
const ROUNDS = SLOWNESS > 1 ? 4 : 12;
const SEED = 20_261_130;
/** Of damage, where a test takes minutes. */
const MOST_WAYS = SLOWNESS > 1 ? 1 : undefined;

let world: World;
beforeEach(async () => void (world = await World.make({ agent: false })));
afterEach(async () => await world[Symbol.asyncDispose]());

const journal = () => join(world.state.lib, 'journal.jsonl');
const definitionOf = (id: string) => join(world.state.lib, 'containers', id, 'container.json');
const runtimeOf = (id: string) => join(world.state.run, 'containers', id, 'state.json');

async function afterDamage(damage: () => void): Promise<string[]> {
  await world.end('supervisor', 'SIGKILL');
  damage();
  await world.startSupervisor();
  const { warnings } = await world.link.request('subscribe', {}, REQUEST_DEADLINE_MS);
  return warnings.map(({ store, problem, message }) => `The ${store} was ${problem}: ${message}`);
}

function pidOf(record: ContainerRecord | undefined): number {
  if (record === undefined || !('pid' in record.state)) throw new Error(`it is ${record?.state.status ?? 'gone'}`);
  return record.state.pid;
}

const ask = async (verb: 'kill' | 'freeze' | 'thaw' | 'wait' | 'start', id: string) =>
  await world.link.request(verb, { id }, REQUEST_DEADLINE_MS);
const remove = async (id: string, force: boolean) => await world.link.request('remove', { id, force }, REQUEST_DEADLINE_MS);

/** Zeroes 20 bytes in the middle of the journal's line of that number, from nought. */
function zeroesInLine(number: number): void {
  const bytes = readFileSync(journal());
  let start = 0;
  for (let line = 0; line < number; line++) start = bytes.indexOf(10, start) + 1;
  bytes.fill(0, start + 30, start + 50);
  writeFileSync(journal(), bytes);
}

function flipByte(path: string, at: number): void {
  const bytes = readFileSync(path);
  bytes[at] = (bytes[at] ?? 0) ^ 0x40;
  writeFileSync(path, bytes);
}

const RANDOM_DAMAGES: Record<string, (path: string, at: number) => void> = {
  truncate: truncateSync,
  flip: flipByte,
  remove: (path) => rmSync(path),
  zero: (path, at) => {
    const bytes = readFileSync(path);
    writeFileSync(path, bytes.fill(0, at, Math.min(at + 20, bytes.length)));
  },
};

describe('a journal that is', () => {
  const damages: Record<string, () => void> = {
    'moved away': () => renameSync(journal(), `${journal()}.elsewhere`),
    'zeroed in its second line': () => zeroesInLine(1),
    'changed by a byte': () => flipByte(journal(), 300),
    'cut off in the middle': () => truncateSync(journal(), Math.floor(readFileSync(journal()).indexOf('\n\0') / 2)),
    empty: () => truncateSync(journal(), 0),
    'full of noise': () => writeFileSync(journal(), Buffer.alloc(5000, 'noise\n')),
  };

  test.each(Object.keys(damages).slice(0, MOST_WAYS))(
    '%s costs no container: each is there with its state, and every verb works',
    async (damage) => {
      await world.link.request('createGroup', { group: 'acme', displayName: 'Acme', limits: { pids: 77 } }, REQUEST_DEADLINE_MS);
      const counting = await world.run(COUNTING, { group: 'acme' });
      const sleeping = await world.run(['/bin/sleep', 'infinity'], { name: 'first', limits: { pids: 9 } });
      const exited = await world.run(['/bin/sh', '-c', '[ -e /file ] || echo kept > /file; exit 3']);
      await ask('wait', exited.id);
      // What was wanted of its first run is in the journal still.
      const again = await world.run(COUNTING);
      await ask('kill', again.id);
      const restarted = await ask('start', again.id);
      const definition = await world.define({ command: ['true'] });
      const created = await world.link.request('create', { definition }, REQUEST_DEADLINE_MS);
      await world.link.request('rename', { id: sleeping.id, name: 'second' }, REQUEST_DEADLINE_MS);
      const removed = await world.run(['true']);
      await ask('wait', removed.id);
      await remove(removed.id, false);

      const warnings = await afterDamage(damages[damage] ?? expect.unreachable);

      expect(warnings.join('\n')).toContain('The journal of the supervisor was ');
      const kept = readdirSync(world.state.lib).filter((name) => name.startsWith('journal.jsonl.'));
      expect(kept).toHaveLength(1);
      expect((await world.record(counting.id))?.state).toEqual(counting.state);
      expect(await world.record(again.id)).toMatchObject({ incarnation: 2, state: restarted.state });
      expect(await world.record(sleeping.id)).toMatchObject({ name: 'second', limits: { pids: 9 }, state: sleeping.state });
      expect((await world.record(exited.id))?.state.status).toBe('exited');
      expect((await world.record(created.id))?.state.status).toBe('created');
      expect(await world.record(removed.id)).toBeUndefined();
      const { groups } = await world.link.request('subscribe', {}, REQUEST_DEADLINE_MS);
      expect(groups.find(({ path }) => path === 'acme')).toMatchObject({ displayName: 'Acme', limits: { pids: 77 }, kept: true });

      // Nor does the next supervisor find others.
      const all = async () =>
        (await world.link.request('subscribe', {}, REQUEST_DEADLINE_MS)).records.map(({ id }) => id).toSorted();
      const before = await all();
      expect(await afterDamage(() => {})).toEqual([]);
      expect(await all()).toEqual(before);

      // The ledger identifies a run by its start's number, so no number is used twice.
      expect(await ask('start', exited.id)).toMatchObject({ incarnation: 2 });
      expect(readFileSync(join(world.state.lib, 'containers', exited.id, 'upper/file'), 'utf8')).toBe('kept\n');
      await untilLogged(world, counting.id, Math.max(...counted(world, counting.id)) + 5);
      expect((await ask('freeze', counting.id)).state.status).toBe('frozen');
      expect((await ask('thaw', counting.id)).state.status).toBe('running');
      expect((await ask('kill', counting.id)).state).toMatchObject({ status: 'exited' });
      for (const { id } of [counting, sleeping, again, exited, created]) await remove(id, true);
      await until('their files are gone', () => readdirSync(join(world.state.lib, 'containers')).length === 0);

      // From now on nothing is amiss.
      expect(await afterDamage(() => {})).toEqual([]);
    },
  );

  test('an older copy of itself costs no container that was made since', async () => {
    const old = await world.run(['/bin/sleep', 'infinity']);
    const copy = readFileSync(journal());
    const young = await world.run(['/bin/sleep', 'infinity']);
    await ask('kill', old.id);
    const restarted = await ask('start', old.id);
    const removed = await world.run(['true']);
    await ask('wait', removed.id);
    const older = readFileSync(journal());
    await remove(removed.id, false);
    await until('its files are gone', () => readdirSync(join(world.state.lib, 'containers')).length === 2);
    expect(await afterDamage(() => writeFileSync(journal(), older))).toEqual([]);
    const warnings = await afterDamage(() => writeFileSync(journal(), copy));
    expect(warnings).toEqual([expect.stringContaining(young.name)]);
    expect(await world.record(removed.id)).toBeUndefined();
    expect((await world.record(young.id))?.state).toEqual(young.state);
    expect(await world.record(old.id)).toMatchObject({ incarnation: 2, state: restarted.state });
  });
});

describe('the runtime state of a running container that is', () => {
  const damages: Record<string, (path: string) => void> = {
    'cut off': (path) => truncateSync(path, 40),
    empty: (path) => truncateSync(path, 0),
    gone: (path) => rmSync(path),
    'changed by a byte': (path) => flipByte(path, 90),
  };

  test.each(Object.keys(damages).slice(0, MOST_WAYS))(
    '%s does not cost it: the kernel still knows its process',
    async (damage) => {
      const running = await world.run(COUNTING);
      const frozen = await world.run(COUNTING);
      await ask('freeze', frozen.id);
      await afterDamage(() => [running.id, frozen.id].forEach((id) => damages[damage]?.(runtimeOf(id))));
      expect(await world.record(running.id)).toMatchObject({ incarnation: 1, state: { status: 'running', pid: pidOf(running) } });
      expect(await world.record(frozen.id)).toMatchObject({ incarnation: 1, state: { status: 'frozen', pid: pidOf(frozen) } });
      expect((await ask('thaw', frozen.id)).state.status).toBe('running');
      await untilLogged(world, frozen.id, Math.max(...counted(world, frozen.id)) + 5);
      expect((await ask('kill', running.id)).state.status).toBe('exited');
      // It is known to the supervisor after that as well.
      await afterDamage(() => {});
      expect((await world.record(frozen.id))?.state).toMatchObject({ status: 'running', pid: pidOf(frozen) });
    },
  );

  test('gone does not cost a container without a pid namespace of its own either', async () => {
    const running = await world.run(['/bin/sh', '-c', 'sleep infinity & sleep infinity'], {
      namespaces: { pid: 'host', user: 'host' },
    });
    await afterDamage(() => rmSync(runtimeOf(running.id)));
    expect((await world.record(running.id))?.state).toMatchObject({ status: 'running', pid: pidOf(running) });
  });
});

test.each(['', 'noise', String(process.pid)])('a pid file with "%s" in it keeps no supervisor from starting', async (content) => {
  const running = await world.run(['/bin/sleep', 'infinity']);
  await afterDamage(() => writeFileSync(join(world.state.run, 'supervisor.pid'), content));
  expect((await world.record(running.id))?.state).toEqual(running.state);
});

test('a container whose definition is lost goes on as it is; it can be ended and removed by its id, and not started', async () => {
  const running = await world.run(COUNTING, { group: 'acme/web' });
  const other = await world.run(COUNTING);
  const exited = await world.run(['/bin/sh', '-c', 'echo kept > /file']);
  await ask('wait', exited.id);
  const warnings = await afterDamage(() => {
    rmSync(journal());
    for (const { id } of [running, other, exited]) truncateSync(definitionOf(id), 10);
  });
  expect(warnings).toEqual([expect.stringContaining('3 containers without a definition were left as they are')]);
  const found = await world.record(running.id);
  expect(found).toMatchObject({ name: `lost-${running.id}`, group: 'acme/web', incarnation: 1, state: { status: 'running' } });
  expect(pidOf(found)).toBe(pidOf(running));
  expect(found?.command.join(' ')).toContain('sh');
  expect((await ask('freeze', running.id)).state.status).toBe('frozen');
  expect((await ask('thaw', running.id)).state.status).toBe('running');
  await expect(ask('start', exited.id)).rejects.toMatchObject({ code: 'wrong-state', message: /definition is lost/ });
  expect(existsSync(join(world.state.lib, 'containers', exited.id, 'upper/file'))).toBe(true);
  expect((await ask('kill', running.id)).state.status).toBe('exited');
  for (const { id } of [running, other, exited]) await remove(id, true);
  await until('its process is gone', () => !existsSync(`/proc/${pidOf(other)}`));
  await until('their files are gone', () => readdirSync(join(world.state.lib, 'containers')).length === 0);
});

test('a damaged definition is written again from the journal, and restores the container when that is lost later', async () => {
  const running = await world.run(['/bin/sleep', 'infinity'], { name: 'first' });
  const exited = await world.run(['/bin/sh', '-c', 'exit 3'], { name: 'second' });
  await ask('wait', exited.id);
  const both = [running, exited];
  expect(await afterDamage(() => both.forEach(({ id }) => flipByte(definitionOf(id), 1000)))).toEqual([]);
  await afterDamage(() => rmSync(journal()));
  expect(await world.record(running.id)).toMatchObject({ name: 'first', incarnation: 1, state: running.state });
  // No keeper has its process any more: that it ran is known from the record of its start alone.
  expect(await world.record(exited.id)).toMatchObject({ name: 'second', incarnation: 1, state: { status: 'exited' } });
});

test(`no damage to any state file costs a container (${ROUNDS} rounds, seed ${SEED})`, async () => {
  const random = randomFrom(SEED);
  const pick = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)] ?? expect.unreachable();
  const running = await Promise.all([1, 2, 3].map(() => world.run(['/bin/sleep', 'infinity'])));
  const exited = await world.run(['/bin/sh', '-c', 'echo kept > /file']);
  await ask('wait', exited.id);
  const files = () => [
    ...[journal(), join(world.state.lib, 'groups.json'), join(world.state.run, 'supervisor.pid')],
    ...[...running, exited].flatMap(({ id }) => [definitionOf(id), join(world.state.lib, 'containers', id, 'birth.json')]),
    ...running.map(({ id }) => runtimeOf(id)),
  ];
  for (let round = 0; round < ROUNDS; round++) {
    const path = pick(files().filter((file) => existsSync(file) && statSync(file).size > 0));
    const { size } = statSync(path);
    // Of the journal its lines; what is behind them are zeroes.
    const used = path === journal() ? readFileSync(path).lastIndexOf(10) : size;
    const at = Math.floor(random() * used);
    const damage = pick(Object.keys(RANDOM_DAMAGES));
    await afterDamage(() => RANDOM_DAMAGES[damage]?.(path, at));
    const what = `${damage} ${path} at ${at} in round ${round}`;
    for (const one of running) {
      const record = await world.record(one.id);
      expect(record?.state, what).toMatchObject({ status: 'running', pid: pidOf(one) });
      expect(record?.incarnation, what).toBe(1);
    }
    expect((await world.record(exited.id))?.state.status, what).toBe('exited');
    expect(existsSync(join(world.state.lib, 'containers', exited.id, 'upper/file')), what).toBe(true);
  }
});
