import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { AT_FDCWD, O } from '../abi/open.ts';
import { or } from '../abi/flags.ts';
import { Memory, strings, Words } from './argument.ts';
import { call, closeLeftOpen, tryCall } from './call.ts';
import { Label } from './label.ts';
import { LoadedProgram } from './load.ts';
import { describeStep, Program } from './program.ts';

function play(write: (program: Program) => void): LoadedProgram {
  const program = new Program();
  write(program);
  program.end();
  const loaded = new LoadedProgram(program);
  loaded.run();
  return loaded;
}

test('a syscall answers as the kernel does', () => {
  expect(tryCall('getpid')).toBe(process.pid);
  expect(tryCall('close', -1)).toBe(-9);
  expect(() => call('close nothing', 'close', -1)).toThrow('close nothing: close: EBADF');
});

test("an argument can be an earlier step's result, and memory is read back", () => {
  const directory = mkdtempSync(join(tmpdir(), 'plim-program-'));
  try {
    writeFileSync(join(directory, 'file'), 'load line');
    const content = new Memory(new Uint8Array(32), 'content');
    using loaded = play((program) => {
      const file = program.call('open', 'openat', [AT_FDCWD, join(directory, 'file'), or(O, 'O_RDONLY', 'O_CLOEXEC')]);
      program.call('read', 'pread64', [file, content, 32, 5]);
      program.call('close', 'close', [file]);
    });
    expect(loaded.failure).toBeNull();
    expect(loaded.result(1)).toBe(4);
    expect(Buffer.from(loaded.read(content).subarray(0, 4)).toString()).toBe('line');
  } finally {
    rmSync(directory, { recursive: true });
  }
});

test('the first error that is not expected stops it, and is named', () => {
  using loaded = play((program) => {
    program.call('look for nothing', 'openat', [AT_FDCWD, '/does/not/exist', 0, 0], { tolerate: ['ENOENT'] });
    program.call('close nothing', 'close', [-1]);
    program.call('never reached', 'getpid', []);
  });
  expect(loaded.result(0)).toBe(-2);
  expect(loaded.failure).toMatchObject({ index: 1, errno: 9, step: { purpose: 'close nothing' } });
  expect(loaded.result(2)).toBe(0);
});

test('errnos above 31 can be expected too', () => {
  // ENAMETOOLONG is 36.
  using loaded = play((program) => {
    program.call('a long name', 'openat', [AT_FDCWD, `/${'x'.repeat(300)}`, 0, 0], { tolerate: ['ENAMETOOLONG'] });
    program.call('go on', 'getpid', []);
  });
  expect(loaded.failure).toBeNull();
  expect(loaded.result(1)).toBe(process.pid);
});

test('a positive result jumps, an error goes where it is dealt with', () => {
  const [over, failed] = [new Label(), new Label()];
  using loaded = play((program) => {
    program.call('jump', 'getpid', [], { jump: over });
    program.call('jumped over', 'close', [-1]);
    program.place(over);
    program.onError = failed;
    program.call('fail', 'close', [-1]);
    program.onError = undefined;
    program.end();
    program.place(failed);
    program.call('deal with it', 'getpid', []);
  });
  expect(loaded.result(1)).toBe(0);
  expect(loaded.failure).toMatchObject({ index: 2, errno: 9 });
  expect(loaded.result(4)).toBe(process.pid);
});

test('timed steps tell when they were done, in order', () => {
  const before = process.hrtime.bigint();
  using loaded = play((program) => {
    program.timed = true;
    program.call('one', 'getpid', []);
    program.call('two', 'getpid', []);
    program.timed = false;
    program.call('three', 'getpid', []);
  });
  const [one, two, three] = [0, 1, 2].map((step) => loaded.doneAtNs(step));
  expect(one).toBeGreaterThanOrEqual(before);
  expect(two).toBeGreaterThanOrEqual(one ?? 0n);
  expect(two).toBeLessThanOrEqual(process.hrtime.bigint());
  expect(three).toBeNull();
});

test('what a failed program had opened is closed', () => {
  const program = new Program();
  const first = program.call('open', 'openat', [AT_FDCWD, '/dev/null', or(O, 'O_RDONLY', 'O_CLOEXEC')]);
  program.call('open another', 'openat', [AT_FDCWD, '/dev/null', or(O, 'O_RDONLY', 'O_CLOEXEC')]);
  program.call('close the first', 'close', [first]);
  program.call('fail', 'close', [-1]);
  program.end();
  using loaded = new LoadedProgram(program);
  expect(loaded.run()).toBe(false);
  closeLeftOpen(loaded, program);
  // The lowest free numbers are given out first: both are free again.
  const [a, b] = [openSync('/dev/null', 'r'), openSync('/dev/null', 'r')];
  expect(Math.max(a, b)).toBeLessThanOrEqual(Math.max(loaded.result(0), loaded.result(1)));
  closeSync(a);
  closeSync(b);
});

test('it decodes to what C would say', () => {
  const program = new Program();
  const flags = { value: 3, text: 'A|B' };
  const file = program.call('open', 'openat', [AT_FDCWD, '/x', flags], { as: 'file' });
  program.call('run', 'execve', ['/bin/true', strings(['true', 'a b']), new Words([1, 2], '{1, 2}')]);
  program.call('close', 'close', [file]);
  expect(program.steps.map(describeStep)).toEqual([
    'openat(AT_FDCWD, "/x", A|B)',
    'execve("/bin/true", ["true", "a b"], {1, 2})',
    'close(file)',
  ]);
});

test('a long list of strings is described by its first hundred', () => {
  const program = new Program();
  const words = Array.from({ length: 1000 }, (_, i) => String(i));
  program.call('run', 'execve', ['/bin/true', strings(words), 0]);
  expect(program.steps.map(describeStep)[0]).toMatch(/^execve\("\/bin\/true", \["0", "1", .*"99", 900 more\], 0\)$/);
});

test('arguments of many kinds reach the kernel whole', () => {
  const text = 'ü'.repeat(1000);
  const answer = new Memory(new Uint8Array(2000), 'answer');
  const ends = new Memory(new Uint8Array(8), 'ends');
  using pipe = play((program) => program.call('pipe', 'pipe2', [ends, 0]));
  const view = new DataView(pipe.read(ends).slice().buffer);
  const [read, write] = [view.getInt32(0, true), view.getInt32(4, true)];
  using loaded = play((program) => {
    program.call('write', 'write', [write, text, Buffer.byteLength(text)]);
    program.call('read', 'read', [read, answer, 2000]);
  });
  expect(Buffer.from(loaded.read(answer)).toString()).toBe(text);
  closeSync(read);
  closeSync(write);
});
