import { expect, test } from 'vitest';
import { ALL_CAPABILITIES, capabilityAllows, capabilityName } from './capabilities-in-words.ts';
import { clock, idMapInWords, seccompInWords, sharingInWords } from './isolation-in-words.ts';

const namespace = { type: 'uts', inode: 1, otherProcesses: 0, containers: [] } as const;
const named = (...names: string[]) => names.map((name, i) => ({ id: `000000000000000${i}`, name }));

test.each([
  [{ ...namespace, sharedWith: 'own' }, 'own'],
  [{ ...namespace, sharedWith: 'host', otherProcesses: 90 }, 'the host’s'],
  [{ ...namespace, sharedWith: 'others', containers: named('db') }, 'with db'],
  [{ ...namespace, sharedWith: 'others', containers: named('a', 'b', 'c', 'd', 'e') }, 'with a, b, c and 2 more'],
  [{ ...namespace, sharedWith: 'others', containers: named('a'), otherProcesses: 1 }, 'with a and 1 other process'],
  [{ ...namespace, sharedWith: 'others', otherProcesses: 2 }, 'with 2 other processes'],
] as const)('with whom: %j', (given, words) => {
  expect(sharingInWords({ ...given, containers: [...given.containers] })).toBe(words);
});

test.each([
  [[{ inside: 0, outside: 0, count: 4_294_967_295 }], 'The same inside and outside: root inside is root outside.'],
  [[{ inside: 0, outside: 231_072, count: 65_536 }], 'Root inside is 231072 outside; 0 to 65535 are 231072 to 296607.'],
  [
    [
      { inside: 0, outside: 231_072, count: 1000 },
      { inside: 1000, outside: 1000, count: 1 },
    ],
    'Root inside is 231072 outside; 0 to 999 are 231072 to 232071 and 1000 is 1000.',
  ],
  [[{ inside: 5, outside: 1000, count: 1 }], 'There is no root inside; 5 is 1000.'],
  [[], 'No id inside is one outside: all show as nobody.'],
])('an id map: %j', (map, words) => {
  expect(idMapInWords(map)).toBe(words);
});

test('seccomp, clocks and capabilities', () => {
  expect(seccompInWords({ mode: 'filter', filters: 1 }, 'default').title).toBe('filtered, by Plimsoll’s default profile');
  expect(seccompInWords({ mode: 'filter', filters: 2 }, 'custom').title).toBe('2 filters, by a profile of its own');
  expect(seccompInWords({ mode: 'disabled', filters: null }, 'unconfined').title).toBe('no filter');
  expect(clock(90_061_000)).toBe('1 d 1 h');
  expect(clock(-61_000)).toBe('−1 min 01 s');
  expect(ALL_CAPABILITIES).toHaveLength(41);
  expect(capabilityName('CAP_NET_BIND_SERVICE')).toBe('net_bind_service');
  expect(capabilityAllows('CAP_41')).toMatch(/newer/);
});
