import { expect, test } from 'vitest';
import { RUNNING } from '../../agent/container-record.fixture.ts';
import { parseFilters } from './container-filter.ts';
import { containerView } from '../reports/container-view.fixture.ts';
import { OptionError } from '../verb.ts';

const AT = '2026-01-01T00:00:00.000Z';
const exited = (exitCode: number) =>
  ({ status: 'exited', startedAt: AT, exitedAt: AT, exitCode, signal: null, oomKilled: false }) as const;

const ALL = [
  containerView('web-1', { group: 'acme/web', state: RUNNING, labels: { tier: 'front', owner: 'a=b' } }),
  containerView('web-2', { group: 'acme/web', state: exited(3), labels: { tier: 'front' } }),
  containerView('db', { group: 'acme', image: 'debian:12', state: { ...RUNNING, status: 'frozen', frozenAt: AT, reasons: [] } }),
  containerView('acmeist', { group: 'acmeist', state: exited(0) }),
];

test.each([
  [[], 'web-1 web-2 db acmeist'],
  [['name=web'], 'web-1 web-2'],
  [['name=^web-\\d$', 'name=db'], 'web-1 web-2 db'],
  [['status=running'], 'web-1'],
  [['status=paused'], 'db'],
  [['status=dead'], ''],
  [['name=^/db$'], 'db'],
  [['name=web\\-1'], 'web-1'],
  [['status=exited', 'status=frozen'], 'web-2 db acmeist'],
  [['exited=3'], 'web-2'],
  [['label=tier'], 'web-1 web-2'],
  [['label=tier=front', 'label=owner=a=b'], 'web-1'],
  [['label=constructor'], ''],
  [['group=acme'], 'web-1 web-2 db'],
  [['image=debian:12'], 'db'],
  [['ancestor=base', 'status=exited'], 'web-2 acmeist'],
  [[`id=${containerView('db').id.slice(0, 6)}`], 'db'],
])('%j leaves %s', (texts, names) => {
  expect(
    ALL.filter(parseFilters(texts))
      .map(({ name }) => name)
      .join(' '),
  ).toBe(names);
});

test.each([
  ['volume=data', 'the keys are id, name, status'],
  ['name', 'write it as name=…'],
  ['status=gone', 'a status is one of created, starting, running, frozen, paused'],
  ['exited=x', 'give an exit code'],
  ['name=(', 'Invalid regular expression'],
  ['toString=1', 'the keys are'],
])('%s is wrong usage', (text, why) => {
  expect(() => parseFilters([text])).toThrow(OptionError);
  expect(() => parseFilters([text])).toThrow(why);
});
