import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { METRIC_NAMES } from './metrics.ts';

const DASHBOARD = join(import.meta.dirname, '../../../../../docs/grafana/plimsoll.json');
const LABELS = new Set(['id', 'name', 'image', 'plimsoll_group', 'cpu', 'state']);

/** What PromQL has of its own in the dashboard's expressions. */
const FUNCTIONS = /\b(?:sum|rate|increase|vector|label_values)\s*(?=\(|by\b)|\b(?:by|or)\b/g;
const LABEL_LIST = /\bby\s*\(([^)]*)\)/g;
const MATCHERS = /\{([^}]*)\}/g;

function expressions(): string[] {
  const found: string[] = [];
  JSON.parse(readFileSync(DASHBOARD, 'utf8'), (key, value: unknown) => {
    if ((key === 'expr' || key === 'query') && typeof value === 'string' && value.includes('_')) found.push(value);
    return value;
  });
  return found;
}

const words = (text: string) => text.match(/[a-z_]\w*/gi) ?? [];

test.each(expressions())('%s names what there is', (expression) => {
  const plain = expression
    .replace(/"[^"]*"/g, '')
    .replace(/\[\$__rate_interval\]/g, '')
    // Of label_values, the second.
    .replace(/, (\w+)\)$/, '{$1}');
  const labels = [...plain.matchAll(LABEL_LIST), ...plain.matchAll(MATCHERS)].flatMap(([, list]) => words(list ?? ''));
  expect(labels.filter((label) => !LABELS.has(label))).toEqual([]);
  const names = words(plain.replace(LABEL_LIST, '').replace(MATCHERS, '').replace(FUNCTIONS, ''));
  expect(names.length).toBeGreaterThan(0);
  expect(names.filter((name) => !METRIC_NAMES.includes(name))).toEqual([]);
});

test('every cgroup resource has its chart, for groups and for containers', () => {
  const all = expressions().join('\n');
  for (const part of ['cpu_usage', 'working_set', 'fs_', 'network_', 'throttled', 'pressure_', '$group', '$name']) {
    expect(all).toContain(part);
  }
});
