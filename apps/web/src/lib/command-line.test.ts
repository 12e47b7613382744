import { describe, expect, it } from 'vitest';
import { CommandLineError, joinCommandLine, splitCommandLine } from './command-line.ts';

describe('splitCommandLine', () => {
  it.each<[string, string[]]>([
    ['', []],
    ['   ', []],
    ['sleep 1', ['sleep', '1']],
    ['  sleep\t 1  ', ['sleep', '1']],
    ["sh -c 'while :; do :; done'", ['sh', '-c', 'while :; do :; done']],
    ['echo "a b"c', ['echo', 'a bc']],
    [String.raw`echo "\$HOME \n \"x\""`, ['echo', String.raw`$HOME \n "x"`]],
    [String.raw`echo a\ b \\`, ['echo', 'a b', '\\']],
    ['echo \'\' ""', ['echo', '', '']],
    ['echo $HOME `id` *', ['echo', '$HOME', '`id`', '*']],
  ])('%s', (line, words) => expect(splitCommandLine(line)).toEqual(words));

  it.each(["echo 'x", 'echo "x', 'echo x\\', 'echo "x\\'])('refuses %s', (line) => {
    expect(() => splitCommandLine(line)).toThrow(CommandLineError);
  });
});

it('joins so that splitting gives the words back', () => {
  const words = ['sh', '-c', `echo "it's" $HOME \\ \n`, '', '--flag=a,b', 'ü'];
  expect(splitCommandLine(joinCommandLine(words))).toEqual(words);
});
