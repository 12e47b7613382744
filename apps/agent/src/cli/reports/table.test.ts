import { expect, test } from 'vitest';
import { widthOf } from './display-width.ts';
import { rowWriter, table } from './table.ts';

const PS = [
  'ID',
  { title: 'NAME', least: 8 },
  'STATE',
  { title: 'GROUP', least: 8, drop: 3 },
  { title: 'IMAGE', least: 8, drop: 2 },
  { title: 'COMMAND', least: 8, drop: 1 },
];
const ID = '0123456789abcdef';
const ROWS = [
  [ID, 'a-container-with-a-long-name', 'exited 137 (SIGKILL)', 'acme/web/frontend', 'debian:12', `sh -c ${'x'.repeat(500)}`],
  [ID, 'db', 'running 5 min', 'acme', 'base', 'sleep infinity'],
];

test('columns line up', () => {
  expect(
    table(
      ['A', 'LONG'],
      [
        ['1', 'x'],
        ['日本', 'y'.repeat(20)],
      ],
      undefined,
    ),
  ).toBe(`A      LONG\n1      x\n日本   ${'y'.repeat(20)}`);
});

test('into a pipe nothing is cut', () => {
  expect(table(PS, ROWS, undefined)).toContain('x'.repeat(500));
});

test.each([
  [100, /^ID +NAME +STATE +GROUP +IMAGE +COMMAND$/],
  [80, /^ID +NAME +STATE +GROUP +IMAGE$/],
  [60, /^ID +NAME +STATE$/],
])('in %i cells ids and states are whole', (width, header) => {
  const lines = table(PS, ROWS, width).split('\n');
  expect(lines[0]).toMatch(header);
  for (const line of lines) expect(widthOf(line)).toBeLessThanOrEqual(width);
  expect(lines[1]).toContain(ID);
  expect(lines[1]).toContain('exited 137 (SIGKILL)');
});

test('the widest column is cut first, and what is short stays whole', () => {
  const [, first = ''] = table(PS, ROWS, 140).split('\n');
  expect(first).toContain('a-container-with-a-long-name');
  expect(first).toContain('acme/web/frontend');
  expect(first).toMatch(/ sh -c x+…$/);
});

test('figures are never cut, whatever the terminal', () => {
  const columns = [{ title: 'NAME', least: 8 }, 'CPUS', { title: 'READ', drop: 1 }];
  const rows = [['a-long-name-of-a-container', '12.5', '1.24 GiB/s']];
  expect(table(columns, rows, 30)).toBe('NAME         CPUS   READ\na-long-na…   12.5   1.24 GiB/s');
  expect(table(columns, rows, 16)).toBe('NAME        CPUS\na-long-n…   12.5');
  expect(table(columns, rows, 3)).toContain('12.5');
});

test('what would steer a terminal becomes visible, and a tab takes one cell', () => {
  expect(table(['A', 'B'], [['\x1b[2J\t', 'x']], 40)).toBe('A          B\n\\x1b[2J    x');
});

test('paths keep their end, which distinguishes them', () => {
  const columns = [{ title: 'GROUP', least: 12, isPath: true }, 'RUNNING'];
  const rows = [
    ['customers/acme-inc/web', '1 of 1'],
    ['customers/acme-inc/db', '0 of 0'],
  ];
  expect(table(columns, rows, 29)).toBe(
    ['GROUP                 RUNNING', '…omers/acme-inc/web   1 of 1', '…tomers/acme-inc/db   0 of 0'].join('\n'),
  );
});

test.each([60, 80, 100])('rows that come one by one fit into %i cells', (width) => {
  const columns = ['TIME', { title: 'KIND', drop: 1 }, { title: 'WHAT', least: 8 }];
  const row = rowWriter(columns, [19, 20], width)(['2026-11-25 13:00:00', 'container.exited', 'x'.repeat(200)]);
  expect(widthOf(row)).toBe(width);
  expect(row).toMatch(/^2026-11-25 13:00:00 {3}container\.exited {7}x+…$/);
});

test('rows that come one by one are whole in a pipe', () => {
  expect(rowWriter(['A', { title: 'B', least: 1 }], [3], undefined)(['long', 'x'.repeat(100)])).toBe(`long   ${'x'.repeat(100)}`);
});
