import { closeSync, mkdirSync, mkdtempSync, openSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { OciMount } from '../oci/config.ts';
import { ENTRY } from '../program/layout.ts';
import { Program } from '../program/program.ts';
import { BindSources } from './bind-source.ts';
import { leadsNowhere, linksToNowhere } from './links-to-nowhere.ts';
import { openMountPoint } from './mount-point.ts';
import type { Rootfs } from './rootfs.ts';
import { RootfsLookup } from './rootfs-lookup.ts';

let root: string;
let rootfs: Rootfs;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'plim-links-'));
  const [upper, work, top, base] = ['upper', 'work', 'top', 'base'].map((name) => join(root, name)) as [
    string,
    string,
    string,
    string,
  ];
  for (const path of [upper, work, top, base]) mkdirSync(path);
  rootfs = { upper, work, layers: [top, base], mountPoint: join(root, 'rootfs') };
});
afterEach(() => rmSync(root, { recursive: true }));

const tmpfs = (destination: string): OciMount => ({ destination, type: 'tmpfs', source: 'tmpfs', options: [] });

/** A link of the base layer, or of another one. */
function link(path: string, target: string, layer = 'base'): void {
  mkdirSync(dirname(join(root, layer, path)), { recursive: true });
  symlinkSync(target, join(root, layer, path));
}

/** A name of 255 bytes. */
const long = (letter: string, i: number) => `${letter.repeat(252)}${String(i).padStart(3, '0')}`;

function found(...destinations: string[]): (string | undefined)[] {
  const mounts = destinations.map(tmpfs);
  using sources = new BindSources();
  const targets = linksToNowhere(mounts, rootfs, sources);
  return mounts.map((mount) => targets.get(mount));
}

/** Where one path leads, and how many paths were looked up for that. */
function lookedUp(destination: string): { target: string | null; lookUps: number } {
  using lookup = new RootfsLookup([rootfs.upper, ...rootfs.layers]);
  return { target: leadsNowhere(destination, lookup), lookUps: lookup.lookUps };
}

/** Bytes of the steps that open the mount points, as load.ts counts them. */
function programBytes(destinations: readonly string[]): number {
  const program = new Program();
  found(...destinations).forEach((target, i) => {
    openMountPoint(program, tmpfs(destinations[i] ?? ''), 'directory', target ?? null);
  });
  const texts = program.steps.flatMap((step) => step.arguments).filter((argument) => typeof argument === 'string');
  return program.steps.length * (ENTRY.size + 24) + texts.reduce((sum, text) => sum + text.length * 3 + 8, 0);
}

test('what is behind a part that is not there is not looked up', () => {
  link('etc/place', '/gone/deep/down/place');
  expect(lookedUp('/etc/place/below')).toEqual({ target: '/gone/deep/down/place/below', lookUps: 3 });
  expect(lookedUp('/no/link/here')).toEqual({ target: null, lookUps: 1 });
});

test('the topmost layer counts, and its whiteout, link or file in the place of a directory hides what is below', () => {
  link('etc/place', '/of/base');
  link('etc/place', '/of/top', 'top');
  link('var/run', '/of/base');
  writeFileSync(join(root, 'top/var'), '');
  expect(found('/etc/place', '/var/run')).toEqual(['/of/top', undefined]);
});

test.each([
  ['that is not there, as the kernel does', 'gone/../place', null],
  ['that is there is followed', 'real/../place', '/place'],
  ['of the root stays in it', '../../place', '/place'],
])('".." in a directory %s', (_, target, expected) => {
  mkdirSync(join(root, 'base/real'));
  link('link', target);
  expect(lookedUp('/link').target).toBe(expected);
});

test('a way to an earlier mount is there, though no layer has it', () => {
  mkdirSync(join(root, 'volume'));
  symlinkSync('/gone/place', join(root, 'volume/link'));
  const fd = openSync(join(root, 'volume'), 'r');
  using lookup = new RootfsLookup([rootfs.upper, ...rootfs.layers]);
  expect(leadsNowhere('/new/way/data/link', lookup, new Map([['/new/way/data', fd]]))).toBe('/gone/place');
  closeSync(fd);
});

test('a path that is too long for the kernel leads nowhere that is made', () => {
  const fits = `/${'a/'.repeat(100)}${'b'.repeat(3000)}`;
  link('fits', fits);
  link('over', Array.from({ length: 15 }, (_, i) => long('a', i)).join('/'));
  expect(lookedUp('/fits').target).toBe(fits);
  expect(lookedUp(`/over/${'b'.repeat(255)}`).target).toBeNull();
  expect(lookedUp(`/over/${'b'.repeat(254)}`).target).not.toBeNull();
  expect(lookedUp(`/over/${'é'.repeat(127)}`).target).not.toBeNull();
  expect(lookedUp(`/over/${'é'.repeat(128)}`).target).toBeNull();
});

test('a chain of links with long names costs a start little', () => {
  // Each leads to the next one and 15 parts behind it; at the end there are 225 of them.
  for (let i = 0; i < 15; i++) {
    const behind = Array.from({ length: 15 }, (_, k) => long('p', i * 15 + k));
    link(long('l', i), (i === 14 ? behind : [long('l', i + 1), ...behind]).join('/').slice(0, 4095), 'upper');
  }
  const destination = `/${long('l', 0)}`;
  expect(lookedUp(destination)).toEqual({ target: null, lookUps: 16 });
  expect(programBytes([destination])).toBeLessThan(4096);
});

test('links that go to and fro in directories that are there are looked up to a bound', () => {
  mkdirSync(join(root, 'base/e'));
  for (let i = 0; i < 40; i++) link(`link${i}`, `${'e/../'.repeat(800)}link${i + 1}`);
  expect(lookedUp('/link0').target).toBeNull();
  expect(lookedUp('/link0').lookUps).toBeLessThanOrEqual(256);
});

test('all mounts of a start together are looked up, and made, to a bound; those that come first are', () => {
  mkdirSync(join(root, 'base/e'));
  const destinations = Array.from({ length: 128 }, (_, i) => `/l${i}`);
  for (const destination of destinations) link(destination, `/x${destination}/${'a/'.repeat(200)}e`);
  const made = found(...destinations).filter((target) => target !== undefined);
  expect([made.length > 5, made.length < 20]).toEqual([true, true]);
  expect(programBytes(destinations)).toBeLessThan(1024 * 1024);
  using lookup = new RootfsLookup([rootfs.upper, ...rootfs.layers]);
  for (let i = 0; i < 10_000; i++) lookup.lookUp(`e`, new Map());
  expect([lookup.lookUps, lookup.lookUp('e', new Map())]).toEqual([2048, 'unknown']);
});

test('128 usual mounts through dangling links are all made', () => {
  for (let i = 0; i < 128; i++) link(`etc/links/l${i}`, `/usr/share/a/b/${i}`);
  const destinations = Array.from({ length: 128 }, (_, i) => `/etc/links/l${i}`);
  expect(found(...destinations)).toEqual(Array.from({ length: 128 }, (_, i) => `/usr/share/a/b/${i}`));
});

test('descriptors of layers are closed', () => {
  link('etc/place', '/gone');
  const before = readdirSync('/proc/self/fd').length;
  found('/etc/place', '/other');
  expect(readdirSync('/proc/self/fd')).toHaveLength(before);
});

test('a target is made part by part, each in the one before and without following a link', () => {
  const program = new Program();
  openMountPoint(program, tmpfs('/link'), 'directory', '/gone/deep');
  const steps = program.steps.map(({ syscall, arguments: args }) => [syscall, args[1]]);
  expect(steps.slice(0, 4)).toEqual([
    ['mkdirat', 'gone'],
    ['openat2', 'gone'],
    ['mkdirat', 'deep'],
    ['openat2', 'deep'],
  ]);
  expect(JSON.stringify(program.steps[3])).toContain('RESOLVE_BENEATH|RESOLVE_NO_SYMLINKS');
});
