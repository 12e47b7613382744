import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { takeWebUser } from './web-user.ts';

let locks: string;
let owned: AsyncDisposableStack;
beforeEach(() => {
  locks = mkdtempSync(join(tmpdir(), 'plimsoll-users-'));
  owned = new AsyncDisposableStack();
});
afterEach(async () => {
  await owned.disposeAsync();
  rmSync(locks, { recursive: true });
});

async function take(home: string, asked = '', reserved: { first: number; count: number }[] = []): Promise<number> {
  return owned.use(await takeWebUser({ home, asked, locks, reserved })).uid;
}

async function release(): Promise<void> {
  await owned.disposeAsync();
  owned = new AsyncDisposableStack();
}

describe('takeWebUser', () => {
  it('takes the one that is set', async () => {
    expect(await take('/a', '1234')).toBe(1234);
    expect(await take('/b', '1234')).toBe(1234);
  });

  it('takes neither root nor a name', async () => {
    for (const asked of ['0', '00', 'www-data']) await expect(take('/a', asked)).rejects.toThrow('PLIMSOLL_WEB_UID');
  });

  it('takes the same for a state root each time', async () => {
    const uid = await take('/a');
    expect(uid).toBeGreaterThanOrEqual(61_870);
    expect(uid).toBeLessThanOrEqual(65_519);
    await release();
    expect(await take('/a')).toBe(uid);
  });

  it('takes a different one for each state root', async () => {
    const uids = new Set<number>();
    for (let i = 0; i < 8; i++) uids.add(await take(`/srv/${i}`));
    expect(uids.size).toBe(8);
  });

  it('takes none that another Plimsoll was set to', async () => {
    const first = await take('/a');
    await release();
    await take('/b', String(first));
    expect(await take('/a')).not.toBe(first);
  });

  it('takes none of subuid(5), and none that a process has', async () => {
    const first = await take('/a');
    await release();
    const second = await take('/a', '', [{ first, count: 1 }]);
    expect(second).not.toBe(first);
    await release();
    const process = spawn('sleep', ['infinity'], { uid: second, stdio: 'ignore' });
    owned.defer(() => void process.kill('SIGKILL'));
    await once(process, 'spawn');
    expect([first, second]).not.toContain(await take('/a', '', [{ first, count: 1 }]));
  });
});
