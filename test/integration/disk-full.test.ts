import { mkdtempSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ledgerProblems, ledgerRows } from '../support/ledger.ts';
import { ownDirectory } from '../support/leftovers.ts';
import { FillableDisk, whyNoDisk, type DiskKind } from '../support/fillable-disk.ts';
import { until, untilStill } from '../support/until.ts';
import { World } from '../support/world.ts';

const MEBIBYTE = 1024 * 1024;
const DISK_BYTES = 192 * MEBIBYTE;

/** Prints numbered lines until SIGTERM, and how many there were. */
const WRITER = `
trap 'stop=1' TERM
stop= i=0
while [ -z "$stop" ]; do
  i=$((i + 1)); echo "line $i"
  [ $((i % 20)) = 0 ] && sleep 0.02
done
echo "total $i"`;
/** Takes all the space that there is, again and again. */
const FILLER = `
i=0
while :; do
  i=$((i + 1))
  dd if=/dev/zero of=/big.$i bs=1M 2>/dev/null
  dd if=/dev/zero of=/small.$i bs=4k 2>/dev/null
  sleep 0.2
done`;

let disk: FillableDisk;
let world: World;
/** An image to import. */
let source: string;

async function begin(kind: DiskKind): Promise<void> {
  disk = new FillableDisk(kind, DISK_BYTES);
  world = await World.make({ below: disk.directory });
  source = mkdtempSync(join(ownDirectory(), 'source-'));
  writeFileSync(join(source, 'file'), Buffer.alloc(MEBIBYTE));
  await until('the space of all records is taken', () => {
    const size = (file: string): number => statSync(join(world.state.lib, file), { throwIfNoEntry: false })?.size ?? 0;
    return size('reserve') === 8 * MEBIBYTE && size('ledger.db-wal') >= 4 * MEBIBYTE && size('events.db-wal') >= MEBIBYTE;
  });
}

afterEach(async () => {
  await world[Symbol.asyncDispose]();
  disk[Symbol.dispose]();
});

async function plimsoll(...words: string[]): Promise<string> {
  const { code, stdout, stderr } = await world.plimsoll(...words);
  expect({ words, code, stderr }).toEqual({ words, code: 0, stderr: '' });
  return stdout;
}

async function fill(): Promise<void> {
  await plimsoll('run', '-d', '--name', 'filler', 'base', 'sh', '-c', FILLER);
  await until('the disk is full', () => disk.freeBytes < 64 * 1024);
}

async function refused(...words: string[]): Promise<void> {
  const { code, stderr } = await world.plimsoll(...words);
  expect({ words, stderr }).toEqual({ words, stderr: expect.stringContaining(`he file system that holds ${world.state.lib}`) });
  expect(stderr).toMatch(/is full/);
  expect(code).not.toBe(0);
}

/** Lines of a log: the numbers that are in it, and what gaps report. */
function recorded(id: string): { numbers: number[]; lost: number; total: number | null } {
  const lines = ['log.1', 'log'].flatMap((file) => {
    const path = join(world.state.lib, 'containers', id, file);
    return statSync(path, { throwIfNoEntry: false }) === undefined ? [] : readFileSync(path, 'utf8').split('\n').filter(Boolean);
  });
  const matches = (pattern: RegExp): number[] => lines.flatMap((line) => Number(pattern.exec(line)?.[1] ?? Number.NaN));
  const some = (pattern: RegExp): number[] => matches(pattern).filter((value) => !Number.isNaN(value));
  return {
    numbers: some(/ stdout F line (\d+)$/),
    lost: some(/ stderr F:gap (\d+) lines? \(\d+ bytes?\) w\w+ not recorded from .* to .*: the disk was full$/).reduce(
      (sum, n) => sum + n,
      0,
    ),
    total: some(/ stdout F total (\d+)$/)[0] ?? null,
  };
}

for (const kind of ['ext4', 'tmpfs'] as const) {
  const why = whyNoDisk(kind);
  describe.skipIf(why !== null)(`on ${kind}${why === null ? '' : ` (${why})`}`, () => {
    beforeEach(async () => await begin(kind));

    test('while a container fills the disk, every verb that frees or holds works, others say why not; then all returns by itself', async () => {
      const writer = (await plimsoll('run', '-d', '--name', 'writer', 'base', 'sh', '-c', WRITER)).trim();
      for (const name of ['one', 'two', 'three', 'four']) {
        await plimsoll('run', '-d', '--name', name, '--group', name === 'four' ? 'g' : 'default', 'base', 'sleep', '1000');
      }
      await plimsoll('create', '--name', 'idle', 'base', 'true');
      await plimsoll('image', 'import', 'old', source);
      await plimsoll('volume', 'create', 'old');
      await fill();
      const id = (await world.client().then(async (client) => await client.command('container.inspect', { container: 'writer' })))
        .id;
      expect(writer).not.toBe('');

      const verbs = async (): Promise<void> => {
        await plimsoll('freeze', 'one');
        await plimsoll('thaw', 'one');
        await plimsoll('group', 'freeze', 'g');
        await plimsoll('group', 'thaw', 'g');
        for (const words of [['ps'], ['info'], ['usage'], ['ledger', 'verify'], ['events'], ['logs', '--tail', '3', 'one']]) {
          await plimsoll(...words);
        }
      };
      await verbs();
      await refused('run', 'base', 'true');
      await refused('create', 'base', 'true');
      await refused('volume', 'create', 'v');
      await refused('group', 'create', 'h');
      await refused('update', '--memory', '64M', 'one');
      await refused('image', 'import', 'new', source);
      await plimsoll('image', 'rm', 'old');
      await plimsoll('volume', 'rm', 'old');
      await plimsoll('rename', 'idle', 'idler');
      expect((await plimsoll('ps', '-a')).split('\n').filter(Boolean)).toHaveLength(8);

      await plimsoll('kill', 'two');
      await plimsoll('freeze', 'three');
      await plimsoll('alert', 'create', '--event', 'incident.oom-kill', 'while-full');
      // A piece of output that is read and not yet recorded is lost with the supervisor: here there is none.
      await plimsoll('freeze', 'writer');
      const { lib } = world.state;
      await untilStill('what is recorded', () => [recorded(id), readFileSync(join(lib, 'log-gaps'))]);
      await world.end('supervisor');
      await world.startSupervisor();
      await plimsoll('thaw', 'writer');
      expect(await plimsoll('ps')).toMatch(/three .*frozen/i);
      await world.end('agent');
      await world.startAgent();
      await verbs();
      await world.end('agent', 'SIGTERM');
      await world.startAgent();
      await verbs();
      await plimsoll('group', 'kill', 'g');
      await plimsoll('rm', '-f', 'one');
      await plimsoll('rm', 'idler');

      await plimsoll('rm', '-f', 'filler');
      await until('a container runs again', async () => (await world.plimsoll('run', '--rm', 'base', 'true')).code === 0);
      await until('no gap is open', () => readFileSync(join(world.state.lib, 'log-gaps')).every((byte) => byte === 0));
      expect(recorded(id).lost).toBeGreaterThan(0);
      await plimsoll('kill', '-s', 'TERM', 'writer');
      await plimsoll('wait', 'writer');
      const { numbers, lost, total } = await until('the writer has ended', () => {
        const found = recorded(id);
        return found.total === null ? null : found;
      });
      expect(numbers.length + lost).toBe(total);
      expect(new Set(numbers).size).toBe(numbers.length);
      const json = (await plimsoll('logs', '--json', 'writer'))
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line) as object);
      expect(json).toContainEqual(expect.objectContaining({ gap: true, text: expect.stringMatching(/not recorded/) }));

      await until('the ledger has every end', async () => {
        const rows = await ledgerRows(world);
        return rows.filter(({ running }) => running === 0).length >= 5 && (await ledgerProblems(world)).length === 0;
      });
    });
  });
}

test('where nothing could be reserved, reading and freeing verbs work all the same, and the ledger catches up', async () => {
  disk = new FillableDisk('tmpfs', DISK_BYTES);
  world = await World.make({ below: disk.directory, agent: false });
  // Makes the built-in image.
  await world.define();
  // Less than what must stay free beside a reserve.
  disk.fill(12 * MEBIBYTE);
  await world.startAgent();
  for (const name of ['one', 'two']) await plimsoll('run', '-d', '--name', name, 'base', 'sleep', '1000');
  // The ledger is there.
  await plimsoll('usage');
  disk.fill();
  await plimsoll('freeze', 'one');
  await plimsoll('kill', 'two');
  for (const words of [['usage'], ['ledger', 'verify'], ['events'], ['ps']]) await plimsoll(...words);
  await until('the ledger cannot be written', async () => {
    await plimsoll('usage');
    return readFileSync(join(world.directory, 'agent.log'), 'utf8').includes('the ledger cannot be written');
  });
  for (const words of [['usage'], ['ledger', 'verify'], ['events'], ['ps']]) await plimsoll(...words);
  expect(await plimsoll('usage')).toContain('one');
  await world.end('supervisor');
  await world.startSupervisor();
  await plimsoll('ps');
  await plimsoll('thaw', 'one');
  await plimsoll('rm', '-f', 'one');
  disk.free();
  await until('the ledger has both ends', async () => {
    const rows = await ledgerRows(world);
    return rows.length === 2 && rows.every(({ running }) => running === 0) && (await ledgerProblems(world)).length === 0;
  });
});
