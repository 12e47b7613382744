import { expect, test } from 'vitest';
import { logText, outputIn, wholeEntries } from './log-text.ts';

const TIME = '2026-01-31T23:59:59.123456000Z';
const whole = (line: string) => `${TIME} stdout F ${line}\n`;
const part = (line: string) => `${TIME} stdout P ${line}\n`;
const text = (output: string) => logText('stdout', TIME, Buffer.from(output));

test.each([0, 1, 62, 63, 64, 65, 66, 127, 128, 129, 300_000])('a line of %i bytes, whole and as a part', (length) => {
  const line = 'x'.repeat(length);
  expect(text(`${line}\n`).bytes.toString()).toBe(whole(line));
  expect(text(`a\n${line}\nb`).bytes.toString()).toBe(whole('a') + whole(line) + part('b'));
  expect(text(line).bytes.toString()).toBe(length === 0 ? '' : part(line));
});

test('many newlines', () => {
  const { bytes, isUnfinished } = text('\n'.repeat(100_000));
  expect(bytes.equals(Buffer.from(whole('').repeat(100_000)))).toBe(true);
  expect(isUnfinished).toBe(false);
});

test('the output in a text, and in its rest', () => {
  const made = text('one\n\nthree\npart');
  expect(outputIn(made, 0)).toEqual({ lines: 3, bytes: 15 });
  const { entries, end } = wholeEntries(made.bytes, made.bytes.length - 1);
  expect(entries).toBe(3);
  expect(outputIn(made, end)).toEqual({ lines: 0, bytes: 4 });
  expect(outputIn(made, made.bytes.length)).toEqual({ lines: 0, bytes: 0 });
  expect(wholeEntries(made.bytes, 0)).toEqual({ entries: 0, end: 0 });
});
