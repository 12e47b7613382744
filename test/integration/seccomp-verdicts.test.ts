import { existsSync, readFileSync } from 'node:fs';
import {
  CAPABILITIES,
  DEFAULT_CAPABILITIES,
  DEFAULT_SECCOMP_PROFILE,
  readProfileText,
  resolveProfile,
  type LinuxSeccomp,
  type SeccompArgument,
  type SeccompProfile,
} from '@plimsoll/core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { SYSCALL_TABLE_X64 } from '../../packages/core/src/abi/syscall-table-x64.ts';
import { playFilter, type Call } from '../../packages/core/src/security/seccomp/play-filter.fixture.ts';
import { verdict } from '../../packages/core/src/security/seccomp/verdict.ts';
import { Libseccomp, WITHOUT_LIBSECCOMP } from '../support/libseccomp/libseccomp.ts';
import { argumentProbes, probes } from '../support/libseccomp/probes.ts';
import { randomProfile, SMALL_VALUES, type Shape } from '../support/libseccomp/random-profile.ts';
import { placeOf, STANDARD_PROFILES } from '../support/libseccomp/standard-profiles.ts';
import { amd64, behindStub, compiled, differences, highestNamed } from '../support/libseccomp/verdicts.ts';
import { randomFrom } from '../support/random.ts';

const HOSTS = [
  ...[[], DEFAULT_CAPABILITIES, CAPABILITIES, ...CAPABILITIES.map((one) => [one])].map((capabilities) => amd64(capabilities)),
  amd64([], { major: 4, minor: 7 }),
];
/** What a profile comes to on them, each once. */
function onEachHost(profile: SeccompProfile): LinuxSeccomp[] {
  const resolved = HOSTS.map((host) => resolveProfile(profile, host));
  return [...new Map(resolved.map((one) => [JSON.stringify(one), one])).values()];
}
const randomProfiles = (count: number, seed: number, shape: Shape) => {
  const random = randomFrom(seed);
  return Array.from({ length: count }, () => randomProfile(random, shape));
};

describe('libseccomp’s compilation of the same profile, behind runc’s stub, answers the same', () => {
  let libseccomp: Libseccomp | undefined;
  beforeAll(() => {
    if (WITHOUT_LIBSECCOMP === null) libseccomp = new Libseccomp();
  });
  afterAll(() => libseccomp?.[Symbol.dispose]());

  /** What it says against a profile, and the calls that it answers differently. */
  function objections(skip: (note: string) => never, profiles: readonly LinuxSeccomp[]): unknown[] {
    if (libseccomp === undefined) return skip(WITHOUT_LIBSECCOMP ?? '');
    const { programs, said } = libseccomp.compile(profiles);
    const random = randomFrom(1);
    const found = profiles.flatMap((profile, i) => {
      const theirs = behindStub(profile, (call) => playFilter(programs[i] ?? new Uint8Array(), call));
      return differences(compiled(profile), theirs, probes([profile], random));
    });
    return [...said, ...found].slice(0, 10);
  }

  test('for the default profile, on hosts of every kind', ({ skip }) => {
    expect(objections(skip, onEachHost(DEFAULT_SECCOMP_PROFILE))).toEqual([]);
  });

  test.for(STANDARD_PROFILES)('for $path', (profile, { skip }) => {
    const path = placeOf(profile);
    if (!existsSync(path)) return skip(`there is no ${path}`);
    expect(objections(skip, onEachHost(readProfileText(readFileSync(path, 'utf8'))))).toEqual([]);
  });

  // With other mixtures of several rules libseccomp 2.5 errs: it takes one half of an argument for the other.
  test.for<[string, Shape]>([
    ['one rule a syscall', { rules: 1, arguments: 3, indexes: 6, actions: 'different' }],
    ['several rules on one argument', { rules: 5, arguments: 1, indexes: 1, values: SMALL_VALUES, actions: 'one' }],
    ['several rules of exact values', { rules: 5, arguments: 3, indexes: 3, operators: ['SCMP_CMP_EQ'], actions: 'one' }],
    ['exact values with other actions', { rules: 5, arguments: 1, indexes: 3, operators: ['SCMP_CMP_EQ'], actions: 'different' }],
    [
      'exact values and bounds with other actions',
      {
        ...{ rules: 5, arguments: 1, indexes: 1, values: SMALL_VALUES, actions: 'different' },
        operators: ['SCMP_CMP_EQ', 'SCMP_CMP_LT', 'SCMP_CMP_LE'],
      },
    ],
  ])('for random profiles of %s', ([, shape], { skip }) => {
    expect(objections(skip, randomProfiles(20, 2, shape))).toEqual([]);
  });
});

test('random profiles of several rules answer what the rules say', () => {
  const shape: Shape = { rules: 6, arguments: 3, indexes: 4, actions: 'one' };
  for (const profile of randomProfiles(30, 3, shape)) {
    expect(differences(compiled(profile), judge(profile), argumentProbes([profile], randomFrom(4))).slice(0, 10)).toEqual([]);
  }
});

/** A profile's verdict by its own words, where no two rules of a syscall differ in their action. */
function judge({ defaultAction, defaultErrnoRet, syscalls }: LinuxSeccomp): (call: Call) => number {
  return ({ number, arguments: given = [] }) => {
    const rule = syscalls
      .filter(({ names }) => names.some((name) => SYSCALL_TABLE_X64.get(name) === number))
      .find(({ args = [] }) => args.every((asked) => holds(asked, given[asked.index] ?? 0n)));
    return rule === undefined ? verdict(defaultAction, defaultErrnoRet) : verdict(rule.action, rule.errnoRet);
  };
}

function holds({ op, value, valueTwo = 0 }: SeccompArgument, given: bigint): boolean {
  const asked = BigInt(value);
  switch (op) {
    case 'SCMP_CMP_EQ':
      return given === asked;
    case 'SCMP_CMP_NE':
      return given !== asked;
    case 'SCMP_CMP_LT':
      return given < asked;
    case 'SCMP_CMP_LE':
      return given <= asked;
    case 'SCMP_CMP_GT':
      return given > asked;
    case 'SCMP_CMP_GE':
      return given >= asked;
    case 'SCMP_CMP_MASKED_EQ':
      return (given & asked) === (BigInt(valueTwo) & asked);
  }
}

/** What is as in the standard profile, but for what is named: differences of kinds, not of errno. */
test.for(STANDARD_PROFILES)('the default profile allows what $path does, but for what is known', (known, { skip }) => {
  const path = placeOf(known);
  if (!existsSync(path)) return skip(`there is no ${path}`);
  const standard = readProfileText(readFileSync(path, 'utf8'));
  const names = { allowedHere: new Set<string>(), allowedThere: new Set<string>(), otherErrno: new Set<string>() };
  for (const host of HOSTS) {
    const [ours, theirs] = [resolveProfile(DEFAULT_SECCOMP_PROFILE, host), resolveProfile(standard, host)];
    const allowed = verdict('SCMP_ACT_ALLOW');
    // What the older profile does not know yet is ENOSYS there.
    const highest = highestNamed(theirs);
    for (const found of differences(compiled(ours), compiled(theirs), probes([ours, theirs], randomFrom(5)))) {
      const kind = found.ours === allowed ? 'allowedHere' : found.theirs === allowed ? 'allowedThere' : 'otherErrno';
      if (kind === 'otherErrno' && found.number > highest) continue;
      names[kind].add(found.name ?? String(found.number));
    }
  }
  expect([...names.allowedHere].filter((name) => !known.allowedHere.includes(name))).toEqual([]);
  expect([...names.allowedThere].filter((name) => !known.allowedThere.includes(name))).toEqual([]);
  if (known.sameErrnos) expect([...names.otherErrno]).toEqual([]);
});
