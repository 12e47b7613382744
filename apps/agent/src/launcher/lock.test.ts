import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { acquireLock } from './lock.ts';

let directory: string;
let path: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'plimsoll-lock-'));
  path = join(directory, 'lock.sock');
});
afterEach(() => rmSync(directory, { recursive: true }));

describe('acquireLock', () => {
  it('lets one hold it at a time', async () => {
    const first = await acquireLock(path);
    expect(first).toBeDefined();
    expect(await acquireLock(path)).toBeUndefined();
    await first?.[Symbol.asyncDispose]();
    const second = await acquireLock(path);
    expect(second).toBeDefined();
    await second?.[Symbol.asyncDispose]();
  });

  it('is free again when its holder was killed', async () => {
    const holder = spawn(
      process.execPath,
      ['-e', `require('net').createServer().listen(${JSON.stringify(path)}, () => process.send('held'))`],
      {
        stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
      },
    );
    await once(holder, 'message');
    expect(await acquireLock(path)).toBeUndefined();
    holder.kill('SIGKILL');
    await once(holder, 'exit');
    expect(existsSync(path)).toBe(true);
    const lock = await acquireLock(path);
    expect(lock).toBeDefined();
    await lock?.[Symbol.asyncDispose]();
  });
});
