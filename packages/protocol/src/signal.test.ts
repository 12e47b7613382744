import { expect, test } from 'vitest';
import { Signal, signalName, signalNumber } from './signal.ts';

test.each([
  ['HUP', 'SIGHUP', 1],
  ['SIGHUP', 'SIGHUP', 1],
  ['sighup', 'SIGHUP', 1],
  ['1', 'SIGHUP', 1],
  ['09', 'SIGKILL', 9],
  ['iot', 'SIGABRT', 6],
  ['RTMIN', 'SIGRTMIN', 34],
  ['SIGRTMIN+15', 'SIGRTMIN+15', 49],
  ['RTMAX-14', 'SIGRTMIN+16', 50],
  ['RTMAX', 'SIGRTMIN+30', 64],
  ['64', 'SIGRTMIN+30', 64],
])('%s is %s', (text, name, number) => {
  expect(Signal.parse(text)).toBe(name);
  expect(signalNumber(name)).toBe(number);
  expect(signalName(number)).toBe(name);
});

test.each(['', 'SIG', '0', '32', '65', '-1', '1.5', 'SIGNONE', 'toString', '__proto__', 'RTMIN+31', 'SIGSIGHUP', 'x'.repeat(99)])(
  '"%s" is no signal',
  (text) => {
    expect(Signal.safeParse(text).error?.issues[0]?.message).toBe('expected a signal such as SIGHUP, HUP or 1');
  },
);
