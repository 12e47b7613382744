import { expect, test } from 'vitest';
import { CsvError, parseCsvLine } from './csv.ts';

test.each([
  ['', ['']],
  ['a', ['a']],
  ['a,b=c', ['a', 'b=c']],
  ['a,', ['a', '']],
  ['type=bind,"source=/a,b",destination=/x', ['type=bind', 'source=/a,b', 'destination=/x']],
  ['"source=/a""b"', ['source=/a"b']],
  ['""', ['']],
  ['"",a', ['', 'a']],
  ['"""",""""""', ['"', '""']],
])('%s has the fields %j', (line, fields) => expect(parseCsvLine(line)).toEqual(fields));

test.each([
  ['source="/a,b"', 'a quote stands within source="/a'],
  ['"source=/a', 'the quote before source=/a is not closed'],
  ['"', 'is not closed'],
  ['"""', 'is not closed'],
  ['"source=/a"b,c', 'b,c stands behind a closing quote'],
])('%s has quotes that do not fit: %s', (line, why) => {
  expect(() => parseCsvLine(line)).toThrow(CsvError);
  expect(() => parseCsvLine(line)).toThrow(why);
});
