import { expect, test } from 'vitest';
import { COMMANDS } from './commands.ts';
import { ErrorBody, errorInWords, parse, parseRequest, PlimsollError } from './errors.ts';

const refused = (value: unknown): PlimsollError => {
  try {
    parseRequest<unknown>(COMMANDS['container.update'].args, value, 'arguments');
  } catch (error) {
    if (error instanceof PlimsollError) return error;
  }
  throw new Error('it was not refused');
};

test('an error about a field of a request has the field beside its sentence', () => {
  const error = refused({ container: 'web', limits: { memoryBytes: 1 } });
  const message = 'a container cannot be set up in less than 1 MiB of memory';
  expect(error).toMatchObject({ code: 'bad-request', field: 'limits.memoryBytes', message });
  expect(errorInWords(error)).toBe(`limits.memoryBytes: ${message}`);
  expect(errorInWords(error, (field) => `<${field}>`)).toBe(`<limits.memoryBytes>: ${message}`);
  const body = ErrorBody.parse(JSON.parse(JSON.stringify(error.toBody())));
  expect(PlimsollError.from(body).toBody()).toEqual(error.toBody());
});

test('one about all of it says of what', () => {
  for (const value of [null, { container: 'web', limits: {}, more: 1 }]) {
    const error = refused(value);
    expect(error.field).toBeUndefined();
    expect(errorInWords(error)).toMatch(/^arguments: /);
  }
});

test('a malformed message of another part of Plimsoll is reported in one sentence', () => {
  const what = 'answer to container.update';
  expect(() => parse<unknown>(COMMANDS['container.update'].args, { container: '', limits: {} }, what)).toThrow(
    'answer to container.update: container: name a container',
  );
});
