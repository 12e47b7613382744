import { expect, test } from 'vitest';
import { escapeLabelValue, renderLabels, renderMetric, type Metric } from './exposition.ts';

const USED: Metric<{ used: string | null }> = {
  name: 'used_total',
  type: 'counter',
  help: 'A \\ and\na second line.',
  labels: { cpu: 'total' },
  value: ({ used }) => used,
};

test('a metric is its help, its type, and a line for each row that has it', () => {
  const rows = [
    { labels: 'id="/a"', row: { used: '1.5' } },
    { labels: 'id="/b"', row: { used: null } },
    { labels: '', row: { used: '2' } },
  ];
  expect(renderMetric(USED, rows)).toBe(
    [
      '# HELP used_total A \\\\ and\\na second line.',
      '# TYPE used_total counter',
      'used_total{cpu="total",id="/a"} 1.5',
      'used_total{cpu="total"} 2',
      '',
    ].join('\n'),
  );
});

test('a metric that no row has is not told of at all', () => {
  expect(renderMetric(USED, [{ labels: 'id="/a"', row: { used: null } }])).toBe('');
});

test('a row without labels has no braces', () => {
  const machine: Metric<null> = { name: 'machine_cpu_cores', type: 'gauge', help: 'Cpus.', value: () => '2' };
  expect(renderMetric(machine, [{ labels: '', row: null }]).split('\n')[2]).toBe('machine_cpu_cores 2');
});

test.each([
  ['plain', 'plain'],
  ['a "quoted" word', String.raw`a \"quoted\" word`],
  ['C:\\new', String.raw`C:\\new`],
  ['two\nlines', String.raw`two\nlines`],
  ['} 1\nfake_total{a="b', String.raw`} 1\nfake_total{a=\"b`],
  ['Zürich 🚢', 'Zürich 🚢'],
  // Not to be written in UTF-8.
  ['\uD800', '\uFFFD'],
])('the label value %j', (value, escaped) => {
  expect(escapeLabelValue(value)).toBe(escaped);
  expect(renderLabels({ a: value, b: '' })).toBe(`a="${escaped}",b=""`);
});
