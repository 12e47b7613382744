// @module-tag kernel

import { statSync } from 'node:fs';
import { join } from 'node:path';
import { describeAttempts, type Attempt } from '../support/escape/attempt.ts';
import { PROGRAM, SETUID_PROGRAM } from '../support/escape/attempts-program.ts';
import { gainable, hostsRoot, newPrivileges, together, unfiltered } from '../support/escape/weaken.ts';

const S_ISUID = 0o4000;
const KEY = `plimsoll-escape-${process.pid}`;
let key = '';

const ATTEMPTS: Attempt[] = [
  {
    title: 'all capabilities, in a user namespace of its own making',
    after: 'CVE-2022-0185, CVE-2024-1086',
    attempt: () => ['make-user-namespace'],
    weakened: unfiltered,
  },
  {
    title: 'root, by a program that its image brings',
    after: 'a set-user-ID file',
    attempt: () => [],
    options: () => ({
      args: [SETUID_PROGRAM, 'become-root'],
      edit: ({ process }) => void (process.user = { uid: 1000, gid: 1000 }),
    }),
    weakened: newPrivileges,
  },
  {
    title: 'a capability, by a file that it gives it to',
    after: 'CAP_SETFCAP',
    attempt: () => ['gain-by-file'],
    weakened: together(newPrivileges, gainable('CAP_SYS_ADMIN')),
  },
  {
    title: 'the clock of the host, by an ambient capability',
    after: 'PR_CAP_AMBIENT_RAISE',
    attempt: () => ['set-clock'],
    options: () => ({
      edit({ process }) {
        const names = ['CAP_SYS_TIME'];
        process.user = { uid: 1000, gid: 1000 };
        process.capabilities = { bounding: names, effective: names, permitted: names, inheritable: names, ambient: names };
      },
    }),
    weakened: hostsRoot,
  },
  {
    title: 'root on the host, by a program that it leaves there',
    after: 'CVE-2021-41091',
    attempt: () => [],
    options: () => ({ args: ['chmod', '4755', PROGRAM] }),
    escaped(_, { request }) {
      const { uid, mode } = statSync(join(request.rootfs.upper, PROGRAM));
      return uid === 0 && (mode & S_ISUID) !== 0;
    },
    weakened: hostsRoot,
  },
  {
    title: 'a key in the keyring of the same user on the host',
    after: 'keyctl(2)',
    prepare(ground) {
      key = ground.onHost('place-key', KEY, ground.secret.text);
    },
    clear: (ground) => void ground.onHost('remove-key', key),
    attempt: ({ secret }) => ['read-key', KEY, secret.text],
    weakened: together(unfiltered, hostsRoot),
  },
  {
    title: 'the program that starts containers, through the one that it ran as',
    after: 'CVE-2019-5736',
    attempt: () => [],
    options: (ground) => ({ args: ['/proc/self/exe', PROGRAM], env: ground.preloading, layers: [ground.runtimeLayer] }),
    weakened: hostsRoot,
  },
];

describeAttempts(ATTEMPTS);
