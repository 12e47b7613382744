import { CAPABILITIES, DEFAULT_CAPABILITIES } from '@plimsoll/core';
import { expect, test } from 'vitest';
import { ambientSet, capabilitySet } from './capabilities.ts';

test.each<[add: string[], drop: string[], expected: readonly string[]]>([
  [[], [], DEFAULT_CAPABILITIES],
  [[], ['ALL'], []],
  [['CAP_KILL'], ['ALL'], ['CAP_KILL']],
  [['ALL'], [], CAPABILITIES],
  [['ALL'], ['CAP_SYS_ADMIN'], CAPABILITIES.filter((name) => name !== 'CAP_SYS_ADMIN')],
  [['CAP_NET_RAW', 'CAP_KILL'], ['CAP_CHOWN'], [...DEFAULT_CAPABILITIES.filter((name) => name !== 'CAP_CHOWN'), 'CAP_NET_RAW']],
])('add %j, drop %j', (add, drop, expected) => {
  expect(capabilitySet({ add, drop }).toSorted()).toEqual([...expected].toSorted());
});

test('what is no capability, or asked for both ways, is refused', () => {
  expect(() => capabilitySet({ add: ['CAP_FLY'], drop: [] })).toThrow('there is no capability CAP_FLY');
  expect(() => capabilitySet({ add: ['CAP_KILL'], drop: ['CAP_KILL'] })).toThrow('CAP_KILL is to be added and dropped');
  expect(() => capabilitySet({ add: ['ALL'], drop: ['ALL'] })).toThrow('added and dropped');
});

test.each<[add: string[], drop: string[], expected: readonly string[]]>([
  [[], [], []],
  [[], ['CAP_CHOWN'], []],
  [['CAP_KILL', 'CAP_NET_RAW'], [], ['CAP_KILL', 'CAP_NET_RAW']],
  [['CAP_KILL'], ['ALL'], ['CAP_KILL']],
  [['ALL'], [], CAPABILITIES],
  [['ALL'], ['CAP_SYS_ADMIN'], CAPABILITIES.filter((name) => name !== 'CAP_SYS_ADMIN')],
])('a user other than root has, with add %j and drop %j, what is added', (add, drop, expected) => {
  const request = { add, drop };
  expect(ambientSet(request, capabilitySet(request))).toEqual(expected);
});
