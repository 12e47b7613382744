import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Admission, type Verdict } from './admission.ts';

let admission: Admission;
let checks: number;
beforeEach(() => {
  vi.useFakeTimers();
  checks = 0;
  admission = new Admission();
});
afterEach(() => void vi.useRealTimers());

const here = (): boolean => false;

async function verify(address: string, credential: string, verdict: Verdict = 'bad', isGone = here): Promise<Verdict> {
  return await admission.verify({ address, isGone }, credential, () => {
    checks += 1;
    return Promise.resolve(verdict);
  });
}

/** Each with a credential of its own. */
function flood(address: string, count: number, isGone = here): Promise<Verdict>[] {
  return Array.from({ length: count }, (_, i) => verify(address, `${address} ${checks} ${i}`, 'bad', isGone));
}

/** What this promise has become by now. */
async function by<T>(ms: number, promise: Promise<T>): Promise<T | 'waits'> {
  await vi.advanceTimersByTimeAsync(ms);
  return await Promise.race([promise, Promise.resolve('waits' as const)]);
}

async function verdicts(promises: readonly Promise<Verdict>[], ms: number): Promise<Record<Verdict, number>> {
  const counts = { good: 0, bad: 0, 'too-many': 0, unknown: 0 };
  for (const promise of promises) void promise.then((verdict) => (counts[verdict] += 1));
  await vi.advanceTimersByTimeAsync(ms);
  return counts;
}

describe('honest clients get in', () => {
  it('after 60 bad sign-ins from their address', async () => {
    await verdicts(flood('127.0.0.1', 60), 100);
    expect(checks).toBe(60);
    expect(await by(100, verify('127.0.0.1', 'mine', 'good'))).toBe('good');
  });

  it('after 700 bad sign-ins from 700 other addresses', async () => {
    const others = Array.from({ length: 700 }, (_, i) => verify(`10.0.${i >> 8}.${i & 255}`, `x ${i}`));
    expect(await verdicts(others, 100)).toMatchObject({ bad: 700 });
    expect(await by(10, verify('192.0.2.1', 'mine', 'good'))).toBe('good');
  });

  it('with 40 sessions at once from one address, of which none was seen before', async () => {
    const sessions = Array.from({ length: 40 }, (_, i) => verify('192.0.2.1', `session ${i}`, 'good'));
    expect(await verdicts(sessions, 100)).toMatchObject({ good: 40 });
  });

  it('while other addresses flood', async () => {
    const floods = Array.from({ length: 20 }, (_, i) => flood(`10.0.0.${i}`, 500)).flat();
    void Promise.all(floods);
    for (let i = 0; i < 20; i++) expect(await by(200, verify(`192.0.2.${i}`, `mine ${i}`, 'good'))).toBe('good');
  });

  it('while the agent is away, and nothing counts against them', async () => {
    const asked = Array.from({ length: 400 }, (_, i) => verify('192.0.2.1', `x ${i}`, 'unknown'));
    expect(await verdicts(asked, 200)).toMatchObject({ unknown: 400 });
  });
});

describe('a flood', () => {
  it('from one address is checked at a pace after its burst, and answered within ten seconds', async () => {
    const counts = await verdicts(flood('192.0.2.1', 5000), 9000);
    expect(counts.bad + counts['too-many']).toBe(5000);
    expect(counts.bad).toBe(checks);
    expect(checks).toBeGreaterThan(60 + 7 * 50);
    expect(checks).toBeLessThan(60 + 9 * 55 + 5);
  });

  it('is refused beyond what may wait, at once', async () => {
    expect(await verdicts(flood('192.0.2.1', 5000), 0)).toMatchObject({ 'too-many': 5000 - 16 - 500 });
  });

  it('from many addresses is checked at a pace after their burst', async () => {
    const floods = Array.from({ length: 100 }, (_, i) => flood(`10.0.0.${i}`, 40)).flat();
    await verdicts(floods, 1000);
    expect(checks).toBeGreaterThan(600);
    expect(checks).toBeLessThan(600 + 128 + 300);
  });

  it('takes the addresses of one IPv6 network for one', async () => {
    await verdicts(flood('2001:db8:1:2::1', 600), 0);
    expect(await by(0, verify('2001:db8:1:2:ffff::9', 'x'))).toBe('too-many');
    expect(await by(10, verify('2001:db8:1:3::1', 'x'))).toBe('bad');
  });

  it('is forgiven with time', async () => {
    await verdicts(flood('192.0.2.1', 60), 100);
    await vi.advanceTimersByTimeAsync(12_000);
    checks = 0;
    await verdicts(flood('192.0.2.1', 60), 100);
    expect(checks).toBe(60);
  });

  it('whose clients have gone leaves its places, unchecked', async () => {
    let isGone = false;
    void Promise.all(flood('192.0.2.1', 1000, () => isGone));
    await vi.advanceTimersByTimeAsync(100);
    isGone = true;
    const before = checks;
    expect(await by(100, verify('192.0.2.1', 'mine', 'good'))).toBe('good');
    expect(checks).toBe(before + 1);
  });
});

it('does not limit a session that was good, until it is refused', async () => {
  expect(await verify('192.0.2.1', 'mine', 'good')).toBe('good');
  void Promise.all(flood('192.0.2.1', 1000));
  expect(await by(0, verify('192.0.2.1', 'mine'))).toBe('good');
  admission.forget('mine');
  expect(await by(0, verify('192.0.2.1', 'mine', 'good'))).toBe('too-many');
  admission.learn('mine');
  expect(await by(0, verify('192.0.2.1', 'mine'))).toBe('good');
});

it('checks a session once for all requests that bring it meanwhile, and few at a time', async () => {
  const answer = Promise.withResolvers<Verdict>();
  const wait = (credential: string): Promise<Verdict> =>
    admission.verify({ address: '192.0.2.1', isGone: here }, credential, () => {
      checks += 1;
      return answer.promise;
    });
  const same = Array.from({ length: 600 }, () => wait('mine'));
  const others = Array.from({ length: 50 }, (_, i) => wait(`other ${i}`));
  await vi.advanceTimersByTimeAsync(100);
  expect(checks).toBe(16);
  answer.resolve('good');
  expect(await verdicts(same, 0)).toMatchObject({ good: 500, 'too-many': 100 });
  expect(await verdicts(others, 100)).toMatchObject({ good: 50 });
});
