import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { guarded, GuardedEmitter, logFault, logFaultsWith } from './guarded.ts';

let logged: [what: string, error: unknown][];

beforeEach(() => {
  logged = [];
  logFaultsWith((what, error) => logged.push([what, error]));
});
afterEach(() => logFaultsWith(() => {}));

const error = (): Error => new Error(`fault ${Math.random()}`);

test('what a callback throws, or its promise rejects with, is logged and goes no further', async () => {
  const [thrown, rejected] = [error(), error()];
  const calls: number[] = [];
  guarded('one', (n: number) => {
    calls.push(n);
    throw thrown;
  })(1);
  guarded('two', async () => {
    await delay(1);
    throw rejected;
  })();
  await expect
    .poll(() => logged)
    .toEqual([
      ['one', thrown],
      ['two', rejected],
    ]);
  expect(calls).toEqual([1]);
});

test('a listener that throws keeps neither the others from being called nor the emitter from going on', async () => {
  class Source extends GuardedEmitter<{ tick: [number] }> {}
  const source = new Source();
  const heard: string[] = [];
  source.on('tick', (n) => heard.push(`first ${n}`));
  source.on('tick', () => {
    throw error();
  });
  const rejecting: () => unknown = async () => await Promise.reject(error());
  source.on('tick', rejecting);
  source.once('tick', (n) => heard.push(`once ${n}`));
  const waited = once(source, 'tick');
  expect(source.emit('tick', 1)).toBe(true);
  expect(source.emit('tick', 2)).toBe(true);
  expect(heard).toEqual(['first 1', 'once 1', 'first 2']);
  expect(await waited).toEqual([1]);
  await expect.poll(() => logged.length).toBe(4);
  expect(logged[0]?.[0]).toBe('a listener of "tick" of Source');
});

test('the same fault is logged once while it repeats', () => {
  const repeated = error();
  for (let i = 0; i < 100; i++) logFault('the output of a container', repeated);
  logFault('the output of another container', repeated);
  expect(logged.map(([what]) => what)).toEqual(['the output of a container', 'the output of another container']);
});

test('a log that cannot be written ends nothing', () => {
  logFaultsWith(() => {
    throw new Error('ENOSPC');
  });
  expect(() => logFault('anything', error())).not.toThrow();
});
