import fs, { mkdirSync, mkdtempSync, readlinkSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { UntrustedSource } from '@plimsoll/core';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { BindSourceOpener } from './bind-sources.ts';

let root: string;
let records: ReturnType<typeof record>[];
let opener: BindSourceOpener;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'plim-bind-sources-'));
  for (const path of ['own', 'data', 'else/x', 'host/below']) mkdirSync(at(path), { recursive: true });
  records = [];
  opener = nextSupervisor();
});
afterEach(() => rmSync(root, { recursive: true }));

const at = (path: string): string => join(root, path);
const nextSupervisor = () => new BindSourceOpener({ own: [at('own')], records: () => records });

const record = (id: string, sources: readonly string[]) => ({
  id,
  name: id,
  incarnation: 1,
  mounts: sources.map((source) => ({
    kind: 'bind' as const,
    source,
    destination: '/d',
    readOnly: false,
    idmap: true,
    propagation: 'private' as const,
  })),
});

/** A start with writable binds of these. What the last one leads to. */
async function start(id: string, ...paths: string[]): Promise<string> {
  const sources = paths.map(at);
  records.push(record(id, sources));
  const mounts = sources.map((source, i) => ({ destination: `/d${i}`, type: 'bind', source, options: ['rbind', 'rw'] }));
  using opened = await opener.open(id, mounts);
  return readlinkSync(`/proc/self/fd/${opened.get(sources.at(-1) ?? '')}`);
}

it('refuses a link in a directory that another bind seems to contain, and does not', async () => {
  symlinkSync(at('else'), at('data/l'));
  expect(await start('b', 'data/l/x')).toBe(at('else/x'));
  await start('a', 'data');
  symlinkSync(at('host'), at('else/x/link'));
  await expect(start('c', 'else/x/link')).rejects.toThrow('which container "b" may write to');
  records.pop();
  opener = nextSupervisor();
  await expect(start('d', 'else/x/link')).rejects.toThrow('which container "b" may write to');
});

it('knows a directory as its container has opened it, whatever became of the path', async () => {
  await start('a', 'data');
  symlinkSync(at('host'), at('data/link'));
  renameSync(at('data'), at('moved'));
  mkdirSync(at('data'));
  symlinkSync(at('host'), at('data/link'));
  await expect(start('b', 'moved/link')).rejects.toThrow(UntrustedSource);
  expect(await start('c', 'data/link/below')).toBe(at('host/below'));
});

it.each([[['data', 'data/link']], [['data/link', 'data']], [['data/link', 'alias']]])(
  'refuses a link below another source of the same container: %j',
  async (paths) => {
    symlinkSync(at('host'), at('data/link'));
    symlinkSync('data', at('alias'));
    await expect(start('a', ...paths)).rejects.toThrow(UntrustedSource);
  },
);

it('waits for no file system that does not answer: what is there counts by its path', async () => {
  await start('a', 'data');
  await start('b', 'else');
  symlinkSync(at('host'), at('data/link'));
  symlinkSync(at('host'), at('else/link'));
  const { stat } = fs.promises;
  let calls = 0;
  const dead = (path: string, options: object) => {
    if (path !== at('data')) return stat(path, options);
    calls++;
    return new Promise(() => {});
  };
  Object.assign(fs.promises, { stat: dead });
  syncBuiltinESMExports();
  try {
    opener = nextSupervisor();
    expect(await start('c', 'host')).toBe(at('host'));
    await expect(start('d', 'data/link')).rejects.toThrow('which container "a" may write to');
    await expect(start('e', 'else/link')).rejects.toThrow('which container "b" may write to');
    expect(calls, 'no second thread waits for it').toBe(1);
  } finally {
    Object.assign(fs.promises, { stat });
    syncBuiltinESMExports();
  }
});

it('follows what the host links below a source of no container that has run', async () => {
  records.push({ ...record('new', [at('data')]), incarnation: 0 });
  symlinkSync(at('host'), at('data/link'));
  expect(await start('a', 'data/link/below')).toBe(at('host/below'));
});
