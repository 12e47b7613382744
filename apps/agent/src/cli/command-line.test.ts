import { Writable } from 'node:stream';
import { expect, test } from 'vitest';
import { main } from './command-line.ts';
import { Context } from './context.ts';
import { FakeProcess } from './process.fixture.ts';

async function run(...words: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const process = new FakeProcess({ PLIMSOLL_ROOT: '/no/such/root' });
  using context = new Context(process, { commandName: 'plimsoll' });
  const code = await main(words, context);
  return { code, stdout: process.stdout.text, stderr: process.stderr.text };
}

test.each([[[]], [['help']], [['--help']], [['-h']]])('%j prints all verbs', async (words) => {
  expect(await run(...words)).toMatchObject({ code: 0, stdout: expect.stringContaining('\n  image ls, images '), stderr: '' });
});

test.each([
  [['help', 'image', 'ls'], 'Usage: plimsoll image ls [-q] [--json]\n'],
  [['image', 'ls', '--help'], 'Usage: plimsoll image ls [-q] [--json]\n'],
  [['run', '--help'], 'Usage: plimsoll run [options]'],
  [['ps', '-h'], 'Usage: plimsoll ps [options]'],
  [['--version'], 'plimsoll '],
])('%j prints', async (words, beginning) => {
  const { code, stdout } = await run(...words);
  expect(code).toBe(0);
  expect(stdout.slice(0, beginning.length)).toBe(beginning);
});

test.each([
  [['no-such-verb'], 2, 'plimsoll: there is no verb "no-such-verb" (see `plimsoll help`)\n'],
  [['help', 'no-such-verb'], 2, 'plimsoll: there is no verb "no-such-verb" (see `plimsoll help`)\n'],
  [['rnu', '-d'], 2, 'plimsoll: there is no verb "rnu": did you mean run? (see `plimsoll help`)\n'],
  [['run', '--cpu', '1'], 125, 'plimsoll run: there is no option --cpu: did you mean --cpus? (see `plimsoll run --help`)\n'],
  [['image'], 2, 'plimsoll: say image ls, image import, image rm (see `plimsoll help`)\n'],
  [['ps', 'x'], 2, 'plimsoll ps: "x" is one word too many (see `plimsoll ps --help`)\n'],
  [['run', '--cpus', 'x', 'base'], 125, expect.stringContaining('plimsoll run: --cpus')],
  [['ps'], 1, 'Plimsoll is not running: start it with `npm start`\n'],
  [['run', '-h'], 125, 'plimsoll run: -h needs a value (see `plimsoll run --help`)\n'],
  [['run'], 125, 'plimsoll run: name an image, or -- COMMAND for a command in base (see `plimsoll run --help`)\n'],
  [['create', '--'], 125, expect.stringContaining('plimsoll create: name an image, or -- COMMAND')],
  [['run', 'true'], 125, 'Plimsoll is not running: start it with `npm start`\n'],
])('%j ends with %i and a sentence', async (words, code, stderr) => {
  expect(await run(...words)).toEqual({ code, stdout: '', stderr });
});

test('a command whose reader has ended ends with 0, without an error', async () => {
  const broken = new Writable({
    write: (_chunk, _encoding, done) => done(Object.assign(new Error('EPIPE'), { code: 'EPIPE' })),
  });
  const process = Object.defineProperty(new FakeProcess(), 'stdout', { value: broken });
  using context = new Context(process, { commandName: 'plimsoll' });
  expect(await main(['help'], context)).toBe(0);
  expect(process.stderr.text).toBe('');
});
