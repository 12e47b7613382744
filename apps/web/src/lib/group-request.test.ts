import { expect, it } from 'vitest';
import { groupFieldAbout, groupRequest } from './group-request.ts';
import { NO_LIMITS } from './limit-texts.ts';

const values = { group: ' acme/web ', displayName: '', limits: { ...NO_LIMITS, memoryBytes: '1g' } };

it('asks for a group with its limits', () => {
  expect(groupRequest(values)).toEqual({ request: { group: 'acme/web', limits: { memoryBytes: 2 ** 30 } } });
  expect(groupRequest({ ...values, displayName: 'Web of Acme' })).toMatchObject({ request: { displayName: 'Web of Acme' } });
});

it('names every field that is wrong', () => {
  const made = groupRequest({ group: 'Acme', displayName: '\u0007', limits: { ...NO_LIMITS, pids: 'x' } });
  expect(Object.keys('errors' in made ? made.errors : {}).toSorted()).toEqual(['displayName', 'group', 'pids']);
});

it('finds the field of a refusal', () => {
  expect(groupFieldAbout({ code: 'conflict', message: 'there is a group "acme" already' })).toBe('group');
  const message = 'group "acme": cannot set the cpu limit: the kernel refuses "1"';
  expect(groupFieldAbout({ code: 'conflict', message })).toBe('cpus');
  expect(groupFieldAbout({ code: 'bad-request', message: 'too small', field: 'limits.memoryBytes' })).toBe('memoryBytes');
  expect(groupFieldAbout({ code: 'unavailable', message: 'the supervisor is not there' })).toBeUndefined();
});
