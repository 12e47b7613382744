// @module-tag kernel

import { readFileSync } from 'node:fs';
import { freezeCgroup, killCgroup, processesIn, updateCgroup, type Cgroup } from '@plimsoll/core';
import { describe, expect, test } from 'vitest';
import { describeAttempts, type Attempt } from '../support/escape/attempt.ts';
import { pidsCurrent, pidsRefused } from '../support/kernel-files.ts';
import type { Weakening } from '../support/escape/weaken.ts';
import { until } from '../support/until.ts';

const MEBIBYTE = 1024 * 1024;
const PIDS = 32;
/** Else it would fill swap, which only some kernels count. */
const noSwap = readFileSync('/proc/swaps', 'utf8').trim().includes('\n') ? { swapBytes: 0 } : {};
/** Of the group, for the bomb that its own container does not hold. */
const PIDS_OF_GROUP = 200;

const unlimited: Weakening = {
  what: 'without limits',
  edit: ({ linux }) => void (linux.resources = { devices: linux.resources.devices ?? [] }),
};

const roomy = (destination: string): Weakening => ({
  what: `with room in ${destination}`,
  edit({ mounts }) {
    for (const mount of mounts) {
      if (mount.destination === destination) mount.options = mount.options.filter((option) => !option.startsWith('size='));
    }
  },
});

const ATTEMPTS: Attempt[] = [
  {
    title: 'more memory than it is given',
    after: 'a memory bomb',
    attempt: () => ['fill-memory', '64'],
    options: () => ({ limits: { memoryBytes: 16 * MEBIBYTE, ...noSwap } }),
    killed: true,
    weakened: unlimited,
  },
  {
    title: "the host's memory, by files of shared memory",
    after: '/dev/shm',
    attempt: () => ['fill', '/dev/shm/fill', '80'],
    weakened: roomy('/dev/shm'),
  },
  {
    title: "the host's memory, by files beside its devices",
    after: '/dev',
    attempt: () => ['fill', '/dev/fill', '80'],
    weakened: roomy('/dev'),
  },
];

const BOMB: Attempt = {
  title: 'more processes than it is given',
  after: 'a fork bomb',
  attempt: () => ['fork-bomb'],
  options: () => ({ limits: { pids: PIDS, cpus: 0.5 } }),
  weakened: unlimited,
};

describeAttempts(ATTEMPTS, (ground) => {
  describe(`${BOMB.title} (${BOMB.after})`, () => {
    /** Lets it go off, and says when it has come to `look`; then all of it is killed at once. */
    async function explode(look: (cgroup: Cgroup) => boolean, weakening?: Weakening): Promise<number> {
      await using bomb = ground().container(BOMB, weakening);
      updateCgroup(bomb.cgroup.parent as Cgroup, { pids: { limit: PIDS_OF_GROUP } });
      const started = await bomb.start();
      await started.settle();
      const { cgroup } = bomb;
      await until('it has gone off', () => look(cgroup));
      await freezeCgroup(ground().core.kernel.loop, cgroup);
      const most = pidsCurrent(cgroup);
      await killCgroup(ground().core.kernel.loop, cgroup);
      expect(processesIn(cgroup)).toEqual([]);
      await started.process.exited;
      return most;
    }

    test('is held, and ends whole', async () => {
      const most = await explode((cgroup) => pidsRefused(cgroup) > 0);
      expect(most).toBeLessThanOrEqual(PIDS);
    });

    test(`leads out of a container ${BOMB.weakened.what}, as far as its group lets it`, async () => {
      const most = await explode((cgroup) => pidsCurrent(cgroup) > 2 * PIDS, BOMB.weakened);
      expect(most).toBeGreaterThan(PIDS);
      expect(most).toBeLessThanOrEqual(PIDS_OF_GROUP);
    });
  });
});
