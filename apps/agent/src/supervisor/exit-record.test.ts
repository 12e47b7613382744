import { constants } from 'node:os';
import { Signal, signalNumber } from '@plimsoll/protocol';
import { expect, test } from 'vitest';
import { exitStatus } from './exit-record.ts';

test('a signal has the name and the number that it has on this host', () => {
  for (const [name, signal] of Object.entries(constants.signals)) {
    expect(signalNumber(Signal.parse(name)), name).toBe(signal);
    expect(exitStatus({ code: null, signal }, 0)).toEqual({
      exitCode: 128 + signal,
      signal: Signal.parse(name),
      oomKilled: false,
    });
  }
  expect(exitStatus({ code: null, signal: 34 }, 0)).toMatchObject({ exitCode: 162, signal: 'SIGRTMIN' });
});
