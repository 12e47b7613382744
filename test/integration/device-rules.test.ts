// @module-tag kernel
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, rmdirSync } from 'node:fs';
import { Cgroup } from '@plimsoll/core';
import { expect, test } from 'vitest';
import { attachDeviceRules } from '../../packages/core/src/cgroups/controllers/devices.ts';
import { HOST_LAYOUT } from '../support/layouts.ts';
import { listLeftover } from '../support/leftovers.ts';
import { SLOWNESS } from '../support/slowness.ts';

const RULES = [{ allow: false }, { allow: true, type: 'c', major: 1, minor: 3 }] as const;
const SENDING_MS = 1000 * SLOWNESS;
const hasUnified = HOST_LAYOUT.unified !== null;

test.runIf(hasUnified)(
  `device rules are loaded while signals come${hasUnified ? '' : ' (this host has no v2 tree)'}`,
  async () => {
    const name = `plimsoll-devices-${randomBytes(4).toString('hex')}`;
    listLeftover('cgroup', name);
    let received = 0;
    const receive = () => void received++;
    process.on('SIGUSR2', receive);
    const sending = spawn('/bin/sh', ['-c', `while kill -USR2 ${process.pid}; do sleep 0.001; done`], { stdio: 'ignore' });
    try {
      // The event loop has no turn meanwhile: it would only receive them.
      for (const end = performance.now() + SENDING_MS; performance.now() < end;) loadOnce(name);
    } finally {
      sending.kill('SIGKILL');
      await once(sending, 'exit');
      process.off('SIGUSR2', receive);
    }
    expect(received).toBeGreaterThan(0);
  },
);

function loadOnce(name: string): void {
  const cgroup = new Cgroup(HOST_LAYOUT, name);
  const path = cgroup.unifiedFile('') ?? '';
  mkdirSync(path);
  try {
    attachDeviceRules(cgroup, RULES);
  } finally {
    rmdirSync(path);
  }
}
