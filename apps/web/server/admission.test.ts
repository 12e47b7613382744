import { beforeEach, expect, it } from 'vitest';
import { Admission, type Verdict } from './admission.ts';

let nowMs: number;
let admission: Admission;
let checks: number;
beforeEach(() => {
  nowMs = 0;
  checks = 0;
  admission = new Admission(() => nowMs);
});

async function verify(address: string, credential: string, verdict: Verdict = 'bad'): Promise<Verdict> {
  return await admission.verify(address, credential, () => {
    checks += 1;
    return Promise.resolve(verdict);
  });
}

async function flood(address: string, count: number): Promise<number> {
  let limited = 0;
  for (let i = 0; i < count; i++) if ((await verify(address, `${address} ${i}`)) === 'too-many') limited += 1;
  return limited;
}

it('limits what one address has refused, before it is checked', async () => {
  expect(await flood('192.0.2.1', 5000)).toBe(4940);
  expect(checks).toBe(60);
  expect(await verify('192.0.2.2', 'x')).toBe('bad');
});

it('makes some good again with time', async () => {
  await flood('192.0.2.1', 100);
  nowMs = 2000;
  expect(await flood('192.0.2.1', 100)).toBe(90);
});

it('limits all addresses together', async () => {
  let limited = 0;
  for (let i = 0; i < 1000; i++) limited += await flood(`10.0.${i >> 8}.${i & 255}`, 1);
  expect(limited).toBe(400);
});

it('takes the addresses of one IPv6 network for one', async () => {
  await flood('2001:db8:1:2::1', 60);
  expect(await verify('2001:db8:1:2:ffff::9', 'x')).toBe('too-many');
  expect(await verify('2001:db8:1:3::1', 'x')).toBe('bad');
});

it('does not limit a session that was good, until it is refused', async () => {
  expect(await verify('192.0.2.1', 'mine', 'good')).toBe('good');
  await flood('192.0.2.1', 100);
  expect(await verify('192.0.2.1', 'mine')).toBe('good');
  admission.forget('mine');
  expect(await verify('192.0.2.1', 'mine', 'good')).toBe('too-many');
  admission.learn('mine');
  expect(await verify('192.0.2.1', 'mine')).toBe('good');
});

it('checks a session once for all who come with it meanwhile, and few at a time', async () => {
  const answer = Promise.withResolvers<Verdict>();
  const wait = (credential: string): Promise<Verdict> =>
    admission.verify('192.0.2.1', credential, () => {
      checks += 1;
      return answer.promise;
    });
  const same = Array.from({ length: 50 }, () => wait('mine'));
  const others = Array.from({ length: 50 }, (_, i) => wait(`other ${i}`));
  expect(checks).toBe(16);
  answer.resolve('good');
  expect(new Set(await Promise.all(same))).toEqual(new Set(['good']));
  expect((await Promise.all(others)).filter((verdict) => verdict === 'too-many')).toHaveLength(35);
});

it('forgets nobody while the agent is away, and counts nothing against them', async () => {
  for (let i = 0; i < 100; i++) expect(await verify('192.0.2.1', `x ${i}`, 'unknown')).toBe('unknown');
});
