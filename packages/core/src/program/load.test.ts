import { expect, test } from 'vitest';
import { ERRNO } from '../abi/errno.ts';
import { Memory, strings } from './argument.ts';
import { tryCall } from './call.ts';
import { Label } from './label.ts';
import { LoadedProgram } from './load.ts';
import { Program } from './program.ts';

const NO_DESCRIPTOR = -1;

test('goes on after an error that a step tolerates, and after no other', () => {
  const play = (tolerate: 'any' | ('EBADF' | 'ENOENT' | 'ENAMETOOLONG')[]) => {
    const program = new Program();
    program.call('close', 'close', [NO_DESCRIPTOR], { tolerate });
    program.end();
    using loaded = new LoadedProgram(program);
    return { ended: loaded.run(), result: loaded.result(0) };
  };
  const result = -ERRNO.EBADF;
  expect(play('any')).toEqual({ ended: true, result });
  expect(play(['EBADF'])).toEqual({ ended: true, result });
  expect(play(['ENOENT', 'EBADF'])).toEqual({ ended: true, result });
  expect(play(['ENOENT', 'ENAMETOOLONG'])).toEqual({ ended: false, result });
});

test('jumps after a result above 0, and not after 0', () => {
  const play = (umask: number) => {
    const program = new Program();
    const target = new Label();
    const first = program.call('set it', 'umask', [umask]);
    // The answer is the mask before: the one that was just set.
    program.call('set it back', 'umask', [first], { jump: target });
    const between = program.call('ask who', 'getpid', []);
    program.place(target);
    program.end();
    using loaded = new LoadedProgram(program);
    expect(loaded.run()).toBe(true);
    return loaded.result(between.step);
  };
  expect(play(0o22)).toBe(0);
  expect(play(0)).toBe(process.pid);
});

test('runs again with what it has, and one memory given twice lies in one place', () => {
  const program = new Program();
  const both = new Memory(new Uint8Array(8), 'both');
  program.call('make a pipe', 'pipe2', [both, 0]);
  const ends = (loaded: LoadedProgram) => [...new Int32Array(loaded.read(both).slice().buffer)];
  program.end();
  using loaded = new LoadedProgram(program);
  const all = [1, 2].flatMap(() => {
    loaded.run();
    return ends(loaded);
  });
  expect(new Set(all).size).toBe(4);
  for (const fd of all) expect(tryCall('close', fd)).toBe(0);
});

test('a list of strings lies in one place for all steps that take it, however long it is', () => {
  const words = strings(Array.from({ length: 100_000 }, () => '0123456789'));
  const program = new Program();
  for (let i = 0; i < 30; i++) program.call('run', 'execve', ['/no/such/program', words, words], { tolerate: ['ENOENT'] });
  program.end();
  using loaded = new LoadedProgram(program);
  expect(loaded.run()).toBe(true);
});

test('programs come and go without using the arena up, and one beyond it is refused', () => {
  for (let round = 0; round < 2000; round++) expect(tryCall('getpid')).toBe(process.pid);
  const program = new Program();
  program.call('too much', 'write', [NO_DESCRIPTOR, new Memory(new Uint8Array(64 * 1024 * 1024), 'much'), 1]);
  program.end();
  expect(() => new LoadedProgram(program)).toThrow(RangeError);
});
