// @module-tag kernel

import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describeAttempts, type Attempt } from '../support/escape/attempt.ts';
import { BLOCK_DEVICE } from '../support/escape/block-device.ts';
import type { Ground } from '../support/escape/ground.ts';
import { capable, everyDevice, hostsRoot, together } from '../support/escape/weaken.ts';

const { major = '', minor = '' } = BLOCK_DEVICE ?? {};
const noDisk = BLOCK_DEVICE === null ? 'this host has no disk' : null;

/** An image that brings a node. */
function makeLayer(ground: Ground, name: string, ...node: string[]): void {
  mkdirSync(layer(ground, name));
  execFileSync('mknod', [join(layer(ground, name), 'node'), ...node]);
}

const layer = (ground: Ground, name: string): string => join(ground.core.directory, name);

const ATTEMPTS: Attempt[] = [
  {
    title: "a disk of the host's, by a node of its own making",
    after: 'mknod(2)',
    absent: noDisk,
    attempt: () => ['make-device', 'b', major, minor],
    weakened: together(capable('CAP_MKNOD'), everyDevice, hostsRoot),
  },
  {
    title: "a disk of the host's, by a node that its image brings",
    after: 'a layer with device nodes',
    absent: noDisk,
    prepare: (ground) => makeLayer(ground, 'disk', 'b', major, minor),
    attempt: () => ['open', '/node'],
    options: (ground) => ({ layers: [layer(ground, 'disk')] }),
    weakened: everyDevice,
  },
  {
    title: "the kernel's log, by a node that its image brings",
    after: '/dev/kmsg',
    prepare: (ground) => makeLayer(ground, 'log', 'c', '1', '11'),
    attempt: () => ['read-any', '/node'],
    options: (ground) => ({ layers: [layer(ground, 'log')] }),
    weakened: together(everyDevice, hostsRoot, capable('CAP_SYSLOG')),
  },
];

describeAttempts(ATTEMPTS);
