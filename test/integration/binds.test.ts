// @module-tag kernel

import { execFileSync } from 'node:child_process';
import { chownSync, existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { release } from 'node:os';
import { join } from 'node:path';
import type { Inspect, OciConfig, OciMount } from '@plimsoll/core';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { Core, type TestContainer } from '../support/core.ts';

const [major = 0, minor = 0] = release().split('.').map(Number);
const TMPFS_SHOWS_IDS = major > 6 || (major === 6 && minor >= 3);

let core: Core;
beforeAll(async () => {
  core = await Core.make();
});
afterAll(async () => await core[Symbol.asyncDispose]());

/** A directory of the host's for one test: `file` belongs to user 1000, the rest to root. */
let volume: string;
let count = 0;
beforeEach(() => {
  volume = join(core.directory, `volume-${count++}`);
  mkdirSync(join(volume, 'below'), { recursive: true });
  writeFileSync(join(volume, 'file'), 'content\n');
  chownSync(join(volume, 'file'), 1000, 1000);
});

const bind = (destination: string, options: string[], source = volume): OciMount => ({
  destination,
  type: 'bind',
  source,
  options,
});
const mounting = (...mounts: OciMount[]) => ({ edit: (config: OciConfig) => void config.mounts.push(...mounts) });

/** An image of the base's layers below one of a test's own. */
function layersBelow(fill: (layer: string) => void): string[] {
  const layer = join(core.directory, `layer-${count++}`);
  mkdirSync(layer);
  fill(layer);
  return [layer, ...core.baseLayers];
}

function chainOfLinks(): Record<string, string> {
  const name = (letter: string, i: number) => letter.repeat(250) + i;
  const parts = Array.from({ length: 15 }, (_, i) => name('p', i));
  const target = (i: number) => (i === 14 ? parts : [name('l', i + 1), ...parts]).join('/');
  return Object.fromEntries(Array.from({ length: 15 }, (_, i) => [name('l', i), target(i)]));
}

const complaint = async (command: string, options: object) => await core.shell(`{ ${command}; } 2>&1 >/dev/null; :`, options);

describe('a bind', () => {
  test('shows a directory, and changes go both ways', async () => {
    const script = 'cat /data/file; echo made > /data/made; stat -c %u:%g /data/made /data/file';
    expect(await core.shell(script, mounting(bind('/data', ['bind', 'idmap'])))).toBe('content\n0:0\n1000:1000');
    expect(readFileSync(join(volume, 'made'), 'utf8')).toBe('made\n');
  });

  test('shows a file, in place of the image’s', async () => {
    const source = join(volume, 'file');
    expect(
      await core.shell('cat /etc/passwd; stat -c %F /etc/passwd', mounting(bind('/etc/passwd', ['bind', 'ro'], source))),
    ).toBe('content\nregular file');
    expect(await core.shell('cat /new/place', mounting(bind('/new/place', ['bind'], source)))).toBe('content');
  });

  test('without idmap shows the ids that files have outside, which are nobody’s inside', async () => {
    const data = mounting(bind('/data', ['bind']));
    expect(await core.shell('stat -c %u:%g /data /data/file', data)).toBe('65534:65534\n65534:65534');
    expect(await complaint('touch /data/made', data)).toContain('Permission denied');
  });

  test('with idmap leaves on disk the ids that it shows', async () => {
    await core.shell('touch /data/made; chown 7:8 /data/made; mkdir /data/dir', mounting(bind('/data', ['bind', 'idmap'])));
    const owner = (name: string) => [lstatSync(join(volume, name)).uid, lstatSync(join(volume, name)).gid];
    expect([owner('made'), owner('dir'), owner('file')]).toEqual([
      [7, 8],
      [0, 0],
      [1000, 1000],
    ]);
  });

  test('with idmap=auto shows the ids of the container where its file system can', async () => {
    const started = async (source: string) => {
      const data = mounting(bind('/data', ['rbind', 'idmap=auto'], source));
      await using container = core.container({ args: ['stat', '-c', '%u', '/data/file'], ...data });
      const { process, settle, unmapped } = await container.start();
      await process.exited;
      await settle();
      return { seen: container.output().stdout.trim(), unmapped };
    };
    expect(await started(volume)).toEqual({ seen: '1000', unmapped: [] });
    for (const name of ['upper', 'work']) mkdirSync(join(volume, name));
    const layers = `lowerdir=${volume}/below,upperdir=${volume}/upper,workdir=${volume}/work`;
    using _ = mounted(join(volume, 'below'), '-t', 'overlay', '-o', layers, 'overlay');
    expect(await started(volume)).toEqual({ seen: '65534', unmapped: [volume] });
  });

  test.each([
    [['ro'], 'touch /data/made', 'Read-only file system'],
    [['ro'], 'rm /data/file', 'Read-only file system'],
    [['noexec'], 'cp /bin/true /data/true; /data/true', 'Permission denied'],
  ])('%j holds: %s', async (options, command, words) => {
    expect(await complaint(command, mounting(bind('/data', ['bind', 'idmap', ...options])))).toContain(words);
  });

  test('cannot be changed or taken away from inside', async () => {
    const data = mounting(bind('/data', ['bind', 'ro', 'idmap']));
    expect(await complaint('mount -o remount,rw,bind /data', data)).not.toBe('');
    expect(await complaint('umount /data', data)).not.toBe('');
  });

  test('of a source that is not there names it', async () => {
    const source = join(volume, 'nowhere');
    await expect(core.run(['true'], mounting(bind('/data', ['bind'], source)))).rejects.toThrow(source);
  });

  test('of one below another, and over another', async () => {
    const mounts = [bind('/data', ['bind', 'ro']), bind('/data/below', ['bind', 'idmap'], join(volume, 'below'))];
    expect(await core.shell('touch /data/below/made; ls /data/below', mounting(...mounts))).toBe('made');
    expect(await complaint('touch /data/made', mounting(...mounts))).not.toBe('');
  });
});

describe('what is mounted below the source', () => {
  test.each([
    ['rbind', 'inner'],
    ['bind', ''],
  ])('%s', async (option, seen) => {
    using _ = mounted(join(volume, 'below'));
    writeFileSync(join(volume, 'below/inner'), '');
    expect(await core.shell('ls /data/below', mounting(bind('/data', [option])))).toBe(seen);
  });

  test('is read-only with it, and shown by the ids inside', async () => {
    using below = mounted(join(volume, 'below'), '--bind', volume);
    const data = (...options: string[]) => mounting(bind('/data', ['rbind', 'idmap', ...options]));
    expect(await complaint('touch /data/below/made', data('ro'))).toContain('Read-only file system');
    expect(await core.shell('touch /data/below/made; stat -c %u /data/below/file', data())).toBe('1000');
    expect(lstatSync(join(below.path, 'made')).uid).toBe(0);
  });

  test.skipIf(TMPFS_SHOWS_IDS)('is named as what cannot be shown by other ids, as tmpfs before Linux 6.3', async () => {
    using _ = mounted(join(volume, 'below'));
    await expect(core.run(['true'], mounting(bind('/data', ['rbind', 'idmap'])))).rejects.toThrow(
      /EINVAL .*: its file system, or one mounted below it, cannot show files by other ids/,
    );
  });

  test.each([
    ['rslave', 'later', /master:\d+/],
    ['rshared', 'later', /shared:\d+/],
    ['rprivate', '', /^$/],
    ['rbind', '', /^$/],
  ])('and comes later: %s', async (propagation, seen, shown) => {
    using _ = mounted(volume);
    execFileSync('mount', ['--make-shared', volume]);
    mkdirSync(join(volume, 'below'));
    await using container = core.container({
      args: ['/bin/sh', '-c', 'grep " /data " /proc/self/mountinfo; until [ -e /data/go ]; do sleep 0.01; done; ls /data/below'],
      ...mounting(bind('/data', ['rbind', propagation])),
    });
    const started = await container.start();
    await started.settle();
    const first = await untilOutput(container);
    expect(first.replace(/^.*?rw\S* (.*?) ?- .*\n$/, '$1')).toMatch(shown);
    using later = mounted(join(volume, 'below'));
    writeFileSync(join(later.path, 'later'), '');
    writeFileSync(join(volume, 'go'), '');
    await started.process.exited;
    expect(container.output()).toEqual({ stdout: seen === '' ? '' : `${seen}\n`, stderr: '' });
  });
});

describe('a destination', () => {
  test.each([
    ['through a link of the image', 'var/run', '../run', '/var/run/data', '/run/data'],
    ['through an absolute one', 'var/run', '/run', '/var/run/data', '/run/data'],
    ['through one that climbs', 'up', '../../../../../../../../run', '/up/data', '/run/data'],
    ['at the end of one', 'link', '/opt', '/link', '/opt'],
  ])('%s stays inside', async (_, link, target, destination, place) => {
    const layers = layersBelow((layer) => {
      for (const path of ['run', 'opt', 'var']) mkdirSync(join(layer, path));
      symlinkSync(target, join(layer, link));
    });
    const data = { layers, ...mounting(bind(destination, ['bind', 'ro'])) };
    expect(await core.shell(`cat ${destination}/file ${place}/file; stat -c %F ${place}`, data)).toBe(
      'content\ncontent\ndirectory',
    );
  });

  test('that a link leads to the host’s /etc is the image’s', async () => {
    const name = `plim-${process.pid}`;
    const layers = layersBelow((layer) => symlinkSync('/etc', join(layer, 'out')));
    expect(await core.shell(`cat /etc/${name}/file`, { layers, ...mounting(bind(`/out/${name}`, ['bind'])) })).toBe('content');
    expect(existsSync(`/etc/${name}`)).toBe(false);
  });

  test.each(['/proc', '/proc/self', '/proc/1/root', '/sys', '/dev'])(
    'behind a link to %s covers nothing of it',
    async (target) => {
      const layers = layersBelow((layer) => {
        for (const path of ['proc', 'sys', 'dev']) mkdirSync(join(layer, path));
        symlinkSync(target, join(layer, 'link'));
      });
      const data = { layers, ...mounting(bind('/link/data', ['bind'])) };
      const script = 'echo $(stat -f -c %T /proc /sys /dev) $$; cat /proc/data/file /sys/data/file /dev/data/file 2>/dev/null; :';
      const outcome = await core.shell(script, data).catch((error: Error) => error.message);
      // Refused, since nothing is there yet; or mounted below what then covers it.
      expect(outcome).toMatch(/^proc sysfs tmpfs 1$|open mount point/);
    },
  );

  test.each([
    ['a file, behind a link to nowhere', 'etc/resolv.conf', '/run/resolver/resolv.conf', '/etc/resolv.conf'],
    ['a file, behind a relative link to nowhere', 'etc/made', 'elsewhere', '/etc/made'],
  ])('is made where it leads: %s', async (_, link, target, destination) => {
    const layers = layersBelow((layer) => {
      mkdirSync(join(layer, 'etc'));
      mkdirSync(join(layer, 'run/resolver'), { recursive: true });
      symlinkSync(target, join(layer, link));
    });
    const data = { layers, ...mounting(bind(destination, ['bind'], join(volume, 'file'))) };
    expect(await core.shell(`cat ${destination}; readlink ${destination}`, data)).toBe(`content\n${target}`);
  });

  test.each([
    ['an absolute one', { 'etc/place': '/usr/share/zoneinfo/deep/Nowhere' }, '/etc/place', '/usr/share/zoneinfo/deep/Nowhere'],
    ['a relative one', { 'etc/place': '../gone/./deep//place' }, '/etc/place', '/gone/deep/place'],
    ['several', { 'etc/place': 'next', 'etc/next': '/opt/other', 'opt/other': '/gone/place' }, '/etc/place', '/gone/place'],
    ['one on the way', { 'etc/way': '/gone/deep' }, '/etc/way/to/place', '/gone/deep/to/place'],
    ['one that climbs out', { 'etc/place': '../../../../../../gone/place' }, '/etc/place', '/gone/place'],
    ['one to the host’s', { 'etc/place': `/tmp/plim-${process.pid}/place` }, '/etc/place', `/tmp/plim-${process.pid}/place`],
  ])('behind a link to nowhere is made where it leads: %s', async (_, links, destination, place) => {
    const layers = layersBelow((layer) => {
      for (const [path, target] of Object.entries(links)) {
        mkdirSync(join(layer, path, '..'), { recursive: true });
        symlinkSync(target, join(layer, path));
      }
    });
    const seen = (mount: OciMount, script: string) => core.shell(script, { layers, ...mounting(mount) });
    expect(await seen(bind(destination, ['bind']), `cat ${destination}/file ${place}/file`)).toBe('content\ncontent');
    expect(await seen(bind(destination, ['bind'], join(volume, 'file')), `cat ${destination} ${place}`)).toBe('content\ncontent');
    const tmpfs = { destination, type: 'tmpfs', source: 'tmpfs', options: [] };
    expect(await seen(tmpfs, `stat -f -c %T ${place}; stat -c %a:%u ${join(place, '..')}`)).toBe('tmpfs\n755:0');
    expect([existsSync('/gone'), existsSync(`/tmp/plim-${process.pid}`)]).toEqual([false, false]);
  });

  test('behind a link to nowhere of another mount is made where it leads', async () => {
    symlinkSync('/gone/place', join(volume, 'link'));
    symlinkSync('/data/below/place', join(volume, 'within'));
    const mounts = [
      bind('/data', ['bind', 'idmap']),
      bind('/data/link', ['bind'], join(volume, 'file')),
      bind('/data/within', ['bind'], join(volume, 'file')),
    ];
    expect(await core.shell('cat /gone/place /data/below/place', mounting(...mounts))).toBe('content\ncontent');
    expect(existsSync(join(volume, 'below/place'))).toBe(true);
  });

  test.each([
    // Each leads to the next one and 15 parts behind it, which the last one leads to as well: more than 57,000 bytes.
    ['a chain of links with long names', chainOfLinks()],
    ['".." of what is not there', { link: 'gone/../place' }],
    ['more parts than a start makes', { link: `gone/${'a/'.repeat(300)}` }],
  ])('behind %s is refused by the kernel, and makes nothing', async (_, links) => {
    const layers = layersBelow((layer) => {
      for (const [path, target] of Object.entries(links)) symlinkSync(target, join(layer, path));
    });
    const [destination = ''] = Object.keys(links);
    await using container = core.container({ layers, ...mounting(bind(`/${destination}`, ['bind'])) });
    await expect(container.start()).rejects.toThrow(
      /openat2: ENOENT .*: a symbolic link on the way leads to what cannot be made/,
    );
    expect(readdirSync(container.request.rootfs.upper).filter((name) => !links[name])).toEqual([]);
  });

  test.each(['../../../../../../tmp/HOST', '/tmp/HOST', '/proc/1/root/tmp/HOST', '.'])(
    'behind a link to nowhere that changes to one to %s meanwhile leads nothing out',
    async (text) => {
      const host = `plim-${process.pid}-out`;
      const layers = layersBelow((layer) => symlinkSync('/gone/deep/place', join(layer, 'link')));
      await using container = core.container({ layers, ...mounting(bind('/link', ['bind'])) });
      const { upper } = container.request.rootfs;
      let changed = 0;
      // After the look-up, and before a step is played.
      const change: Inspect = ({ steps }) => {
        if (!steps.some(({ purpose }) => purpose.endsWith('where a link leads'))) return;
        symlinkSync(text.replace('HOST', host), join(upper, 'gone'));
        changed++;
      };
      await expect(container.start(change)).rejects.toThrow(/open mount point \/link: openat2: /);
      expect([changed, existsSync(join('/tmp', host))]).toEqual([1, false]);
      expect(readdirSync(upper)).toEqual(['gone']);
    },
  );

  test('behind links that lead in a circle is refused in words', async () => {
    const layers = layersBelow((layer) => {
      symlinkSync('there', join(layer, 'here'));
      symlinkSync('here', join(layer, 'there'));
    });
    for (const destination of ['/here', '/here/below']) {
      await expect(core.run(['true'], { layers, ...mounting(bind(destination, ['bind'])) })).rejects.toThrow(
        /open mount point \/here: openat2: ELOOP .*: the symbolic links on the way lead in a circle/,
      );
    }
  });

  test('within a bind is made there where that shows the ids of the container, and named where it cannot be', async () => {
    const within = bind('/data/new/place', ['bind'], join(volume, 'below'));
    const outer = (...options: string[]) => mounting(bind('/data', ['bind', ...options]), within);
    for (const options of [[], ['idmap', 'ro']]) {
      await expect(core.run(['true'], outer(...options))).rejects.toThrow(
        `it lies in ${volume}, which ${options.length === 0 ? 'does not allow' : 'is mounted read-only'}`,
      );
    }
    expect(existsSync(join(volume, 'new'))).toBe(false);
    await core.run(['true'], outer('idmap=auto'));
    expect(lstatSync(join(volume, 'new/place')).uid).toBe(0);
  });

  test('is made where it is missing, root’s and for all to enter', async () => {
    const data = mounting(bind('/a/b/c', ['bind']), bind('/d/e', ['bind'], join(volume, 'file')));
    expect(await core.shell('stat -c "%F %a %u" /a /a/b /d; cat /a/b/c/file /d/e', data)).toBe(
      'directory 755 0\ndirectory 755 0\ndirectory 755 0\ncontent\ncontent',
    );
  });

  test('that is a file of the image takes no directory', async () => {
    await expect(core.run(['true'], mounting(bind('/etc/passwd', ['bind'])))).rejects.toThrow('ENOTDIR');
  });
});

describe('a tmpfs', () => {
  const tmpfs = (...options: string[]): OciMount => ({ destination: '/scratch', type: 'tmpfs', source: 'tmpfs', options });

  test('is the container’s own, and as large and open as asked', async () => {
    const script =
      'stat -c "%a %u" /scratch; df -k --output=size,fstype /scratch | tail -n 1 | xargs; touch /scratch/made && echo made';
    expect(await core.shell(script, mounting(tmpfs('size=1m', 'mode=700')))).toBe('700 0\n1024 tmpfs\nmade');
    expect(await core.shell('stat -c %a /scratch', mounting(tmpfs()))).toBe('1777');
  });

  test('has the owner that it is given, of the container’s ids', async () => {
    expect(await core.shell('stat -c %u:%g /scratch', mounting(tmpfs('uid=1000', 'gid=1001')))).toBe('1000:1001');
  });

  test('may have a share of the memory for its size, and a number of files', async () => {
    const script = 'stat -f -c "%c %b %S" /scratch; head -n 1 /proc/meminfo';
    const printed = await core.shell(script, mounting(tmpfs('size=25%', 'nr_inodes=7')));
    const [inodes = 0, blocks = 0, blockBytes = 0, memoryKib = 0] = printed.match(/\d+/g)?.map(Number) ?? [];
    expect(inodes).toBe(7);
    expect((blocks * blockBytes) / (memoryKib * 1024)).toBeCloseTo(0.25, 1);
  });
});

test('a read-only root has its mounts in it, which are written to all the same', async () => {
  const edit = (config: OciConfig) => {
    config.root.readonly = true;
    config.mounts.push(bind('/made/data', ['bind', 'idmap']), {
      destination: '/run',
      type: 'tmpfs',
      source: 'tmpfs',
      options: [],
    });
  };
  const script = 'touch /made/data/made /run/made /dev/shm/made; touch /made/x /x 2>&1; :';
  const told = await core.shell(script, { edit });
  expect(told.match(/Read-only file system/g)).toHaveLength(2);
  expect(existsSync(join(volume, 'made'))).toBe(true);
});

/** A mount at a path of the host's, until the end of the scope: a tmpfs, or what `mount` is told. */
function mounted(path: string, ...what: string[]): Disposable & { path: string } {
  execFileSync('mount', [...(what.length > 0 ? what : ['-t', 'tmpfs', 'tmpfs']), path]);
  return { path, [Symbol.dispose]: () => void execFileSync('umount', ['-R', path]) };
}

async function untilOutput(container: TestContainer): Promise<string> {
  let told = '';
  await expect.poll(() => (told += container.output().stdout)).toMatch(/\n$/);
  return told;
}
