import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Cgroup } from '../cgroups/cgroup.ts';
import { EventLoop } from '../events/event-loop.ts';
import { StartDeadline } from './start-deadline.ts';

let directory: string;
let loop: EventLoop;
let cgroup: Cgroup;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'deadline-'));
  loop = new EventLoop();
  cgroup = new Cgroup({ kind: 'v2', unified: directory, controllers: new Map() }, 'container');
  mkdirSync(join(directory, cgroup.path));
  writeFileSync(join(directory, cgroup.path, 'cgroup.kill'), '');
});
afterEach(() => {
  loop[Symbol.dispose]();
  rmSync(directory, { recursive: true });
});

test.each(['before', 'after'] as const)('a start that is given up %s it begins ends for that reason', async (when) => {
  const abort = new AbortController();
  const why = new Error('given up');
  using deadline = new StartDeadline({ loop, cgroup, signal: abort.signal });
  let looks = 0;
  const begin = (): void =>
    deadline.begin(() => {
      looks += 1;
      return [];
    });
  if (when === 'after') begin();
  abort.abort(why);
  if (when === 'before') begin();
  expect(looks).toBe(1);
  await expect(deadline.settle()).rejects.toBe(why);
});
