import { Writable } from 'node:stream';
import { expect, test } from 'vitest';
import { Context } from './context.ts';
import { FakeProcess } from './process.fixture.ts';

class BrokenOutput extends Writable {
  readonly #code: string;

  constructor(code: string) {
    super();
    this.#code = code;
  }

  override _write(_: Buffer, __: BufferEncoding, done: (error: Error) => void): void {
    setImmediate(() => done(Object.assign(new Error(this.#code), { code: this.#code })));
  }
}

const withBroken = (stream: 'stdout' | 'stderr', code: string) =>
  Object.defineProperty(new FakeProcess(), stream, { value: new BrokenOutput(code) });

test('a signal reaches its listener until that is disposed of', () => {
  const process = new FakeProcess();
  using context = new Context(process);
  let times = 0;
  const listening = context.onSignals(['SIGINT', 'SIGTERM'], () => (times += 1));
  process.signal('SIGINT');
  process.signal('SIGTERM');
  expect(times).toBe(2);
  listening[Symbol.dispose]();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) expect(() => process.signal(signal)).toThrow('no listener');
});

test.each([
  ['stdout', 'EPIPE', 0],
  ['stdout', 'ENOSPC', 1],
  ['stderr', 'EPIPE', 1],
] as const)('%s that fails with %s is lost, for exit code %i', async (stream, code, exitCode) => {
  using context = new Context(withBroken(stream, code));
  context[stream].write('x');
  expect(context.outputLost.aborted).toBe(false);
  await context.flush();
  expect(context.outputLost).toMatchObject({ aborted: true, reason: { code } });
  expect(context.lossExitCode).toBe(exitCode);
});

test('nothing is written where nothing waits', async () => {
  using context = new Context(withBroken('stdout', 'EPIPE'));
  await context.flush();
  expect(context.outputLost.aborted).toBe(false);
});

test('a context leaves no listener behind', () => {
  const process = new FakeProcess();
  const counts = () => [process.stdout, process.stderr].map((stream) => stream.listenerCount('error'));
  const before = counts();
  {
    using context = new Context(process);
    context.onSignals(['SIGHUP'], () => {});
    expect(counts()).not.toEqual(before);
  }
  expect(counts()).toEqual(before);
  expect(() => process.signal('SIGHUP')).toThrow('no listener');
});
