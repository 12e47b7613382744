// @module-tag kernel

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, constants, existsSync, mkdirSync, openSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { DEFAULT_MASKED_PATHS } from '@plimsoll/core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Words } from '../../packages/core/src/program/argument.ts';
import type { ContainerOptions } from '../support/core.ts';
import { describeAttempts, type Attempt } from '../support/escape/attempt.ts';
import { PROGRAM } from '../support/escape/attempts-program.ts';
import type { Ground } from '../support/escape/ground.ts';
import { hostsRoot, startedOtherwise, together } from '../support/escape/weaken.ts';

const MADE = 'made';
const CORE_PATTERN = '/proc/sys/kernel/core_pattern';
const maskedFile = DEFAULT_MASKED_PATHS.find((path) => statSync(path, { throwIfNoEntry: false })?.isFile() === true) ?? null;

/** Paths as the kernel takes them by itself: a symbolic link's target begins at the host's root. */
const followingLinks = startedOtherwise('whose mounts follow links', ({ syscall, arguments: args }) => {
  const [at = 0, path, how, size = 0] = args;
  if (syscall !== 'openat2' || typeof path !== 'string' || !(how instanceof Words)) return undefined;
  const [flags = 0, mode = 0] = how.words;
  return { arguments: [at, path.replace(/^\//, ''), new Words([flags, mode, 0], how.text), size] };
});

const keepingDescriptors = startedOtherwise('that keeps descriptors of the host', ({ syscall }) =>
  syscall === 'close_range' ? null : undefined,
);

/** It lies on top of the new root then, where a way up from a root ends. */
const keepingOldRoot = startedOtherwise("that keeps the host's root", ({ syscall, purpose }) =>
  syscall === 'umount2' && purpose === "let go of the host's root" ? null : undefined,
);

/** Nothing is made in it or mounted on it; the standard input is some file, since that runtime would look less closely. */
const withImagesDev = startedOtherwise("with its image's /dev", ({ purpose, arguments: args }) => {
  if (/^(?:make|mount|link) \/dev(?:\/(?:null|zero|full|u?random|tty|fd|std\w+|ptmx))?$/.test(purpose)) return null;
  return purpose === 'open the standard input' ? { arguments: [args[0] ?? 0, PROGRAM, 0] } : undefined;
});

let hostsDirectory = -1;
beforeAll(() => void (hostsDirectory = openSync('/', constants.O_RDONLY | constants.O_DIRECTORY)));
afterAll(() => closeSync(hostsDirectory));

const at = (ground: Ground, name: string): string => join(ground.core.directory, name);
const isMadeOutside = ({ outside }: Ground): boolean => existsSync(join(outside, MADE));
const tmpfsOn = (destination: string) => ({ destination, type: 'tmpfs', source: 'tmpfs', options: [] });
const relative = (path: string): string => path.slice(1);

/** A volume at /volume, and a mount at /volume/data/made: where `data` leads is the volume's doing. */
const intoVolume = (ground: Ground, volume: string): ContainerOptions => ({
  args: ['true'],
  edit(config) {
    // The host's root would be let in: nothing but how the path is walked keeps the mount inside.
    hostsRoot.edit?.(config);
    const bind = { destination: '/volume', type: 'bind', source: at(ground, volume), options: ['rbind'] };
    config.mounts.push(bind, tmpfsOn(`/volume/data/${MADE}`));
  },
});

const ATTEMPTS: Attempt[] = [
  {
    title: 'a mount outside, by a link that the image has at its destination',
    after: 'CVE-2021-30465',
    prepare(ground) {
      mkdirSync(at(ground, 'linked'));
      symlinkSync(ground.outside, join(at(ground, 'linked'), 'data'));
    },
    attempt: () => [],
    options: (ground) => ({
      args: ['true'],
      layers: [at(ground, 'linked')],
      edit(config) {
        hostsRoot.edit?.(config);
        config.mounts.push(tmpfsOn(`/data/${MADE}`));
      },
    }),
    escaped: isMadeOutside,
    weakened: followingLinks,
  },
  {
    title: 'a mount outside, by a link that a volume has',
    after: 'CVE-2021-30465',
    prepare(ground) {
      mkdirSync(at(ground, 'volume'));
      symlinkSync(ground.outside, join(at(ground, 'volume'), 'data'));
    },
    attempt: () => [],
    options: (ground) => intoVolume(ground, 'volume'),
    escaped: isMadeOutside,
    weakened: followingLinks,
  },
  {
    title: 'a working directory outside, through a descriptor that was left open',
    after: 'CVE-2024-21626',
    attempt: () => [],
    options: ({ secret }) => ({
      args: [PROGRAM, 'read', relative(secret.path), secret.text],
      cwd: `/proc/self/fd/${hostsDirectory}`,
    }),
    refused: /enter the working directory .*: chdir: ENOENT/,
    weakened: together(keepingDescriptors, hostsRoot),
  },
  {
    title: 'the root of the host, by a second chroot',
    after: 'the oldest of all',
    attempt: ({ secret }) => ['break-chroot', secret.path, secret.text],
    weakened: together(keepingOldRoot, hostsRoot),
  },
  {
    title: 'a file of the kernel, in the place of the device that masks others',
    after: 'CVE-2025-31133',
    absent: maskedFile === null ? 'no file is masked' : null,
    prepare(ground) {
      mkdirSync(at(ground, 'dev/dev'), { recursive: true });
      symlinkSync(CORE_PATTERN, at(ground, 'dev/dev/null'));
    },
    attempt: () => ['rewrite', maskedFile ?? ''],
    options: (ground) => ({ layers: [at(ground, 'dev')] }),
    weakened: together(withImagesDev, hostsRoot),
  },
];

const RACE: Attempt = {
  title: 'a mount outside, by a link that takes the place of a directory',
  after: 'CVE-2021-30465',
  attempt: () => [],
  options: (ground) => intoVolume(ground, 'race'),
  refused: /^open mount point \/volume\/data(?:\/made)?: openat2: (?:ENOENT|EAGAIN)|^make mount point .*: mkdirat: ENOENT/,
  escaped: isMadeOutside,
  weakened: followingLinks,
};
const STARTS = 40;

describeAttempts(ATTEMPTS, (ground) => {
  describe(`${RACE.title} (${RACE.after})`, () => {
    /** Starts while the two change places, `times` times or until it has come out. What became of each. */
    async function race(times: number, weakening?: Attempt['weakened']): Promise<{ escaped: boolean; refused: number }> {
      const volume = at(ground(), 'race');
      mkdirSync(join(volume, 'data'), { recursive: true });
      symlinkSync(ground().outside, join(volume, 'link'));
      const swapping = spawn(ground().program, ['swap-names', join(volume, 'data'), join(volume, 'link')], { stdio: 'ignore' });
      try {
        await once(swapping, 'spawn');
        let refused = 0;
        for (let i = 0; i < times; i++) {
          const { escaped, how } = await ground().try(RACE, weakening);
          if (escaped) return { escaped, refused };
          if (how.startsWith('held: ')) refused++;
        }
        return { escaped: false, refused };
      } finally {
        swapping.kill('SIGKILL');
        await once(swapping, 'exit');
        rmSync(volume, { recursive: true });
      }
    }

    test('is held, whichever of them it meets', async () => {
      const { escaped, refused } = await race(STARTS);
      expect(escaped).toBe(false);
      expect(refused).toBeGreaterThan(0);
      expect(refused).toBeLessThan(STARTS);
    });

    test(`leads out of a container ${RACE.weakened.what}`, async () => {
      expect(await race(STARTS, RACE.weakened)).toMatchObject({ escaped: true });
    });
  });
});
