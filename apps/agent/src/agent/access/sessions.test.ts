import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Gatekeeper } from './gatekeeper.ts';
import { Sessions } from './sessions.ts';

const HOUR_MS = 3_600_000;
let directory: string;
let path: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'plimsoll-sessions-'));
  path = join(directory, 'sessions.json');
  vi.useFakeTimers({ toFake: ['Date', 'setInterval', 'clearInterval'] });
});
afterEach(async () => {
  vi.useRealTimers();
  await rm(directory, { recursive: true });
});

test('an invitation is good once, and its session outlives the agent', async () => {
  let session: string;
  {
    await using sessions = await Sessions.open(path);
    const { token } = await sessions.invite();
    ({ session } = await sessions.redeem(token));
    await expect(sessions.redeem(token)).rejects.toMatchObject({ code: 'unauthorized' });
  }
  await using reopened = await Sessions.open(path);
  expect(reopened.use(session)).not.toBeNull();
  expect(reopened.use('another')).toBeNull();
});

test('neither tokens nor sessions are on disk, and root alone can read what is', async () => {
  await using sessions = await Sessions.open(path);
  const { token } = await sessions.invite();
  const { session } = await sessions.redeem((await sessions.invite()).token);
  const stored = await readFile(path, 'utf8');
  expect(stored).not.toContain(token);
  expect(stored).not.toContain(session);
});

test('an invitation runs out after ten minutes', async () => {
  await using sessions = await Sessions.open(path);
  const { token } = await sessions.invite();
  vi.advanceTimersByTime(10 * 60_000);
  await expect(sessions.redeem(token)).rejects.toMatchObject({ code: 'unauthorized' });
});

test('a session ends after twelve idle hours, and after seven days in any case', async () => {
  await using sessions = await Sessions.open(path);
  const ended: string[] = [];
  sessions.on('ended', (key) => ended.push(key));
  const idle = await sessions.redeem((await sessions.invite()).token);
  const busy = await sessions.redeem((await sessions.invite()).token);
  const [idleKey, busyKey] = [sessions.use(idle.session), sessions.use(busy.session)];
  for (let hour = 0; hour < 24 * 7 - 1; hour += 11) {
    vi.setSystemTime(Date.now() + 11 * HOUR_MS);
    if (hour < 24 * 6) expect(sessions.use(busy.session)).not.toBeNull();
  }
  expect(sessions.use(idle.session)).toBeNull();
  expect(sessions.use(busy.session)).toBeNull();
  vi.advanceTimersByTime(60_000);
  expect(ended).toEqual([idleKey, busyKey]);
});

test('signing out ends a session for good', async () => {
  await using sessions = await Sessions.open(path);
  const { session } = await sessions.redeem((await sessions.invite()).token);
  const gatekeeper = new Gatekeeper(sessions, 'local');
  const caller = gatekeeper.identify(session, 'web');
  if (caller.who === 'user') await sessions.end(caller.session);
  expect(() => gatekeeper.check(caller)).toThrow(/ended/);
  expect(() => gatekeeper.identify(session, 'web')).toThrow(/ended/);
});

test('a file that is damaged costs a new sign-in and nothing else', async () => {
  await writeFile(path, '{"version":1,"sess');
  await using sessions = await Sessions.open(path);
  await expect(sessions.invite()).resolves.toMatchObject({ token: expect.any(String) });
});
