import { expect, test } from 'vitest';
import { conditionOf, NEW_RULE, ruleRequest, type RuleValues } from './alert-request.ts';

const filled = (more: Partial<RuleValues>): RuleValues => ({ ...NEW_RULE, name: 'busy', above: '0.5', ...more });

test.each<[Partial<RuleValues>, number]>([
  [{ metric: 'cpu', above: ' 1.5 ' }, 1.5],
  [{ metric: 'memory', above: '256m' }, 256 * 2 ** 20],
  [{ metric: 'memory-share', above: '90' }, 0.9],
  [{ metric: 'memory-pressure', above: '12.5 %' }, 0.125],
  [{ metric: 'pids', above: '100' }, 100],
])('a threshold is read in its unit: %o', (values, above) => {
  expect(conditionOf(filled(values))).toMatchObject({ kind: 'metric', above });
});

test.each<[string, object]>([
  ['every-container', { kind: 'every-container' }],
  ['every-group', { kind: 'every-group' }],
  ['in:acme/web', { kind: 'every-container', group: 'acme/web' }],
  ['group:acme', { kind: 'group', group: 'acme' }],
  ['container:web', { kind: 'container', container: 'web' }],
])('a subject is what was chosen: %s', (of, scope) => {
  expect(conditionOf(filled({ of }))).toMatchObject({ of: scope });
});

test('events are of what was chosen, or of anything', () => {
  expect(ruleRequest(filled({ kind: 'event', of: '', events: ['incident'], above: 'x' }))).toEqual({
    request: { name: 'busy', when: { kind: 'event', events: ['incident'], of: null }, webhook: null },
  });
  expect(conditionOf(filled({ kind: 'event', of: 'group:acme' }))).toMatchObject({ of: { kind: 'group', group: 'acme' } });
});

test('what is wrong is told at its field', () => {
  expect(ruleRequest(filled({ name: ' ', above: 'much' }))).toEqual({
    errors: {
      name: 'A display name has at least one character.',
      above: 'Give a number of cpus, such as 0.5.',
    },
  });
  expect(ruleRequest(filled({ metric: 'memory-share', above: '100' }))).toMatchObject({
    errors: { above: expect.any(String) as unknown },
  });
  expect(ruleRequest(filled({ metric: 'memory', above: '64' }))).toEqual({
    errors: { above: '64 bytes is less than 1 MiB; a unit is missing: 64m is 64 MiB.' },
  });
  expect(ruleRequest(filled({ kind: 'event', events: [] }))).toEqual({ errors: { events: 'Name at least one kind of event.' } });
  expect(ruleRequest(filled({ url: 'example.com', secret: 'short' }))).toEqual({
    errors: {
      url: 'Expected an address such as https://example.com/hook.',
      secret: 'A secret has at least 16 characters.',
    },
  });
});
