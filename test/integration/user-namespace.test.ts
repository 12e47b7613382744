// @module-tag kernel

import {
  chmodSync,
  chownSync,
  cpSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { idMap, type OciConfig } from '@plimsoll/core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Core } from '../support/core.ts';

/** Of the host, those that 0 and 1000 are. */
const [ROOT, OTHER_ROOT] = [1_910_000_000, 1_920_000_000];
const [ALICE, BOB] = [1000, 1001];

let core: Core;
let layers: string[];
beforeAll(async () => {
  core = await Core.make();
  const layer = join(core.directory, 'own-layer');
  mkdirSync(join(layer, 'work/below'), { recursive: true });
  writeFileSync(join(layer, 'work/alices'), 'hers\n');
  writeFileSync(join(layer, 'work/below/roots'), 'his\n');
  chownSync(join(layer, 'work/alices'), ALICE, BOB);
  cpSync(realpathSync('/usr/bin/id'), join(layer, 'id'));
  chmodSync(join(layer, 'id'), 0o4755);
  layers = [layer, ...core.baseLayers];
});
afterAll(async () => await core[Symbol.asyncDispose]());

const ids = (first: number, more: Partial<OciConfig['process']> = {}) => ({
  layers,
  edit: ({ linux, process }: OciConfig) => {
    Object.assign(linux, { uidMappings: idMap(first), gidMappings: idMap(first) });
    Object.assign(process, more);
  },
});

/** Every file of a layer with its owner, mode and the time of its last change. */
function listing(layer: string): string[] {
  return readdirSync(layer, { recursive: true, encoding: 'utf8' }).map((path) => {
    const { uid, gid, mode, ctimeMs } = lstatSync(join(layer, path));
    return `${path} ${uid}:${gid} ${mode} ${ctimeMs}`;
  });
}

test('root inside is the first id of the range outside', async () => {
  await using container = core.container({ ...ids(ROOT), args: ['sleep', 'infinity'] });
  const started = await container.start();
  await started.settle();
  const status = readFileSync(`/proc/${started.process.pid}/status`, 'utf8');
  expect(status).toMatch(new RegExp(`^Uid:(\\t${ROOT}){4}$`, 'm'));
  expect(status).toMatch(new RegExp(`^Gid:(\\t${ROOT}){4}$`, 'm'));
  expect(await core.shell('cat /proc/1/uid_map | tr -s " "', ids(ROOT))).toBe(`0 ${ROOT} 65536`);
});

test('the files of an image belong inside to whom they belong on disk', async () => {
  const script =
    'stat -c %u:%g /bin/sh /etc/passwd /work /work/alices /work/below/roots; find / -path /proc -prune -o -path /sys -prune -o -uid 65534 -print';
  expect(await core.shell(script, ids(ROOT))).toBe(`0:0\n0:0\n0:0\n${ALICE}:${BOB}\n0:0`);
});

test('what is made inside belongs to its maker there, and to an id of the range on disk', async () => {
  await using container = core.container({
    ...ids(ROOT),
    args: [
      '/bin/sh',
      '-c',
      `cd /work; touch made; mkdir dir; ln -s made link; touch given; chown ${ALICE}:${BOB} given; stat -c %u:%g made dir link given`,
    ],
  });
  const started = await container.start();
  await started.settle();
  await started.process.exited;
  expect(container.output()).toEqual({ stdout: `0:0\n0:0\n0:0\n${ALICE}:${BOB}\n`, stderr: '' });
  const owners = ['made', 'dir', 'link', 'given'].map((name) => {
    const { uid, gid } = lstatSync(join(container.request.rootfs.upper, 'work', name));
    return [uid - ROOT, gid - ROOT];
  });
  expect(owners).toEqual([
    [0, 0],
    [0, 0],
    [0, 0],
    [ALICE, BOB],
  ]);
});

describe('a container changes the files of its image', () => {
  test.each([
    ['writing', 'echo more >> alices; cat alices; stat -c %u:%g:%a alices', `hers\nmore\n${ALICE}:${BOB}:644`],
    [
      'giving them away',
      `chown ${BOB}:${BOB} below/roots; chmod 600 below/roots; stat -c %u:%g:%a below/roots`,
      `${BOB}:${BOB}:600`,
    ],
    [
      'renaming',
      'mv alices /tmp/hers; mv below beneath; cat /tmp/hers beneath/roots; stat -c %u /tmp/hers',
      `hers\nhis\n${ALICE}`,
    ],
    ['deleting', 'rm alices; rm -r below; ls -A', ''],
    ['linking', 'ln alices again; stat -c %u:%h again', `${ALICE}:2`],
    ['replacing a directory', 'rm -r below; mkdir below; ls -A below; stat -c %u below', '0'],
    ['setting times', 'touch -d @1 alices; stat -c %Y alices', '1'],
  ])('by %s', async (_, script, printed) => {
    const before = layers.map(listing);
    expect(await core.shell(`cd /work; ${script}`, ids(ROOT))).toBe(printed);
    expect(layers.map(listing)).toEqual(before);
  });

  test('as somebody else may', async () => {
    const alice = ids(ROOT, { user: { uid: ALICE, gid: ALICE } });
    expect(
      await core.shell('cd /work; echo more >> alices; cat alices; (echo no >> below/roots) 2>&1; touch made 2>&1; :', alice),
    ).toBe("hers\nmore\n/bin/sh: 1: cannot create below/roots: Permission denied\ntouch: cannot touch 'made': Permission denied");
  });
});

test('a set-user-id program of the image makes who runs it the container’s root, and nobody outside', async () => {
  const alice = (noNewPrivileges: boolean) => ids(ROOT, { user: { uid: ALICE, gid: ALICE }, noNewPrivileges });
  expect(await core.shell('/id -ru; /id -u', alice(false))).toBe(`${ALICE}\n0`);
  expect(await core.shell('/id -ru; /id -u', alice(true))).toBe(`${ALICE}\n${ALICE}`);
});

test('containers of different ranges share the layers, and none of their files is anybody else’s', async () => {
  const before = layers.map(listing);
  const args = ['/bin/sh', '-c', 'touch /work/mine; stat -c %u:%g /work/alices /work/mine; exec sleep infinity'];
  await using one = core.container({ ...ids(ROOT), args });
  await using other = core.container({ ...ids(OTHER_ROOT), args });
  for (const container of [one, other]) {
    const started = await container.start();
    await started.settle();
    let told = '';
    await expect.poll(() => (told += container.output().stdout)).toBe(`${ALICE}:${BOB}\n0:0\n`);
  }
  const owner = ({ request }: typeof one) => lstatSync(join(request.rootfs.upper, 'work/mine')).uid;
  expect([owner(one), owner(other)]).toEqual([ROOT, OTHER_ROOT]);
  expect(layers.map(listing)).toEqual(before);
});

test('its output can be opened again by name', async () => {
  const { stdout, stderr } = await core.run(['/bin/sh', '-c', 'echo out > /dev/stdout; echo err > /dev/stderr'], ids(ROOT));
  expect({ stdout, stderr }).toEqual({ stdout: 'out\n', stderr: 'err\n' });
});

test('a user who is not root can open its output again as well', async () => {
  const alice = ids(ROOT, { user: { uid: ALICE, gid: ALICE } });
  const { stdout, stderr } = await core.run(['/bin/sh', '-c', 'echo out > /dev/stdout; echo err > /dev/stderr'], alice);
  expect({ stdout, stderr }).toEqual({ stdout: 'out\n', stderr: 'err\n' });
});
