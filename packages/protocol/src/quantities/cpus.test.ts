import { expect, test } from 'vitest';
import { cores, cpuCount, cpuTime, parseCpus } from './cpus.ts';
import { inWords } from './quantity.ts';

test.each([
  ['2', 2],
  ['0.5', 0.5],
  [' .5 ', 0.5],
  ['1,5', 1.5],
])('%j is a number of cpus', (text, value) => expect(parseCpus(text)).toBe(value));

test.each(['', 'many', '-1', '1e3', '0x10', '1.5.2', 'NaN', 'Infinity', '50%'])('%j is no number of cpus', (text) =>
  expect(parseCpus(text)).toBeNull(),
);

test('cpus in use keep the width of small figures', () => {
  expect([0, 9.994, 64, NaN].map((value) => inWords(cores(value)))).toEqual(['0.00 cpus', '9.99 cpus', '64.0 cpus', '–']);
});

test('cpus that are there have every digit', () => {
  expect([1, 0.125, 64, NaN].map((value) => inWords(cpuCount(value)))).toEqual(['1 cpu', '0.125 cpus', '64 cpus', '–']);
});

test('cpu time has one unit, until it is hours', () => {
  expect([0, 1_830_000, 12.44e9, 7200e9, NaN].map((ns) => inWords(cpuTime(ns)))).toEqual([
    '0.000 s',
    '0.002 s',
    '12.4 s',
    '2.00 h',
    '–',
  ]);
});
