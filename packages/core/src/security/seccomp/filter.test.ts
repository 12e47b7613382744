import { expect, test } from 'vitest';
import { DEFAULT_SECCOMP_PROFILE } from './default-profile.ts';
import { profileDigest, seccompFilter } from './filter.ts';
import { readProfileText } from './read-profile.ts';

const host = { architecture: 'x64', capabilities: ['CAP_KILL', 'CAP_CHOWN'], kernel: { major: 6, minor: 1 } } as const;
const text = (value: string) =>
  `{"defaultAction":"SCMP_ACT_ERRNO","syscalls":[{"action":"SCMP_ACT_ALLOW","names":["read"],"args":[{"index":0,"value":${value},"op":"SCMP_CMP_EQ"}]}]}`;

test('a filter is compiled once for the same content, capabilities and kernel', () => {
  const filter = seccompFilter(DEFAULT_SECCOMP_PROFILE, host);
  const copy = structuredClone(DEFAULT_SECCOMP_PROFILE);
  expect(seccompFilter(copy, { ...host, capabilities: ['CAP_CHOWN', 'CAP_KILL'] })).toBe(filter);
  expect(seccompFilter(copy, { ...host, capabilities: ['CAP_CHOWN'] })).not.toBe(filter);
  expect(seccompFilter(copy, { ...host, kernel: { major: 6, minor: 2 } })).not.toBe(filter);
  expect(seccompFilter({ ...copy, defaultErrnoRet: 38 }, host)).not.toBe(filter);
});

test('a digest is of what a profile says, not of how it is written', () => {
  const digest = profileDigest(readProfileText(text('7')));
  expect(digest).toMatch(/^[0-9a-f]{64}$/);
  const spaced = text('7').replace('"names":["read"]', '"comment": "reading",  "includes": {}, "names": ["read"]');
  expect(profileDigest(readProfileText(spaced))).toBe(digest);
  expect(profileDigest(readProfileText(text('8')))).not.toBe(digest);
  expect(profileDigest(readProfileText(text('18446744073709551615')))).not.toBe(
    profileDigest(readProfileText(text('18446744073709551614'))),
  );
});

test('the one that was not asked for the longest goes first', () => {
  const of = (minor: number) => seccompFilter(DEFAULT_SECCOMP_PROFILE, { ...host, kernel: { major: 7, minor } });
  const [oldest, kept] = [of(0), of(1)];
  for (let minor = 2; minor < 64; minor++) of(minor);
  expect(of(1)).toBe(kept);
  of(64);
  expect(of(1)).toBe(kept);
  expect(of(0)).not.toBe(oldest);
});
