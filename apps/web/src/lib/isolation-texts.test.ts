import { expect, test } from 'vitest';
import { FieldError } from './field-error.ts';
import { readCapabilities, readOffset, readShares } from './isolation-texts.ts';

test('capabilities to add, and with a minus to drop', () => {
  expect(readCapabilities('-ALL NET_RAW, +chown')).toEqual({ add: ['NET_RAW', 'chown'], drop: ['ALL'] });
});

test('clocks ahead or behind by seconds', () => {
  expect(readOffset('-60')).toEqual({ monotonicS: -60, boottimeS: -60 });
  expect(readOffset('2h')).toEqual({ monotonicS: 7200, boottimeS: 7200 });
  expect(() => readOffset('later')).toThrow(FieldError);
});

test('namespaces shared with a container', () => {
  expect(readShares('db', ['network', 'pid', 'strange'])).toEqual({ pid: { container: 'db' }, network: { container: 'db' } });
  expect(() => readShares('db', [])).toThrow('Choose what is shared');
});
