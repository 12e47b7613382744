import { expect, test } from 'vitest';
import { LineSplitter } from './json-lines.ts';

const push = (splitter: LineSplitter, text: string): string[] => [...splitter.push(Buffer.from(text))];

test('lines come out whole, however they were cut', () => {
  const splitter = new LineSplitter(100);
  expect(push(splitter, '{"a"')).toEqual([]);
  expect(push(splitter, ':1}\n{"b":2}\n{')).toEqual(['{"a":1}', '{"b":2}']);
  expect(push(splitter, '}\n')).toEqual(['{}']);
});

test('a character that was cut in two is whole again', () => {
  const splitter = new LineSplitter(100);
  const bytes = Buffer.from('é\n');
  expect([...splitter.push(bytes.subarray(0, 1)), ...splitter.push(bytes.subarray(1))]).toEqual(['é']);
});

test('a line without an end is refused before it fills the memory', () => {
  const splitter = new LineSplitter(10);
  push(splitter, '123456');
  expect(() => push(splitter, '78901')).toThrow(RangeError);
});
