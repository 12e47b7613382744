import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { EventLoop } from '../events/event-loop.ts';
import { logFaultsWith } from '../events/guarded.ts';
import { Cgroup } from './cgroup.ts';
import { killUntilEmpty } from './kill.ts';

/** No process has it: above PID_MAX_LIMIT (include/linux/threads.h). */
const NO_PID = 4_194_305;

afterEach(() => logFaultsWith(() => {}));

test('what does not end for long is logged ever more seldom', async () => {
  const mount = mkdtempSync(join(tmpdir(), 'kill-'));
  using loop = new EventLoop();
  const cgroup = new Cgroup({ kind: 'v1', unified: null, controllers: new Map([['freezer', { version: 1, mount }]]) }, 'stuck');
  mkdirSync(join(mount, cgroup.path));
  const procs = join(mount, cgroup.path, 'cgroup.procs');
  writeFileSync(procs, `${NO_PID}\n`);
  const logged: string[] = [];
  logFaultsWith((what) => {
    logged.push(what);
    if (logged.length === 4) writeFileSync(procs, '');
  });
  await killUntilEmpty(loop, cgroup, 10);
  const times = logged.map((what) => /killed (\d+) times/.exec(what)?.[1]);
  expect(times).toEqual(['1', '2', '4', '8']);
  rmSync(mount, { recursive: true });
});
