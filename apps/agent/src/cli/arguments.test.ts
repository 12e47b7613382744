import { expect, test } from 'vitest';
import { asTyped, parseArguments } from './arguments.ts';
import { OptionError, UsageError } from './verb.ts';
import { ps } from './verbs/ps.ts';
import { run } from './verbs/run.ts';

test("a command's own options stay its own", () => {
  const { values, positionals } = parseArguments(run, ['-d', '--name', 'web', '-e', 'A=1', 'ls', '-d', '--name']);
  expect(values).toMatchObject({ detach: true, name: 'web', env: ['A=1'] });
  expect(positionals).toEqual(['ls', '-d', '--name']);
});

test('a double dash begins the command, and stays with it', () => {
  expect(parseArguments(run, ['--rm', '--', '-x', '--', 'y']).positionals).toEqual(['--', '-x', '--', 'y']);
});

test('no command at all is the image’s', () => {
  expect(parseArguments(run, ['-d']).positionals).toEqual([]);
});

test.each([
  [['--nmae', 'x', 'ls'], 'there is no option --nmae'],
  [['-dx', 'ls'], 'there is no option -x'],
  [['--name'], '--name needs a value'],
  [['--name', '-d'], '--name needs a value: write --name=-d where "-d" is meant'],
  [['-e', '-d'], '-e needs a value: write -e-d where "-d" is meant'],
  [['--detach=1', 'ls'], '--detach is said or left out: it takes no value'],
  [['--toString', 'x'], 'there is no option --toString'],
])('%j is wrong usage', (args, message) => {
  const wrong = () => parseArguments(run, args);
  expect(wrong).toThrow(UsageError);
  expect(wrong).toThrow(message);
});

test('a switch may be given its value', () => {
  expect(parseArguments(run, ['--detach=true', '--rm=false', '-e', 'A=1', 'ls']).values).toMatchObject({
    detach: true,
    rm: false,
  });
});

test('a short option may have its value after a =', () => {
  const { values, positionals } = parseArguments(run, ['-m=64m', '-e=A=1', '-de=B=', '-h=web', '-l=x', 'sh', '-m=1', '-d=true']);
  expect(values).toMatchObject({ memory: '64m', env: ['A=1', 'B='], detach: true, hostname: 'web', label: ['x'] });
  expect(positionals).toEqual(['sh', '-m=1', '-d=true']);
  expect(parseArguments(run, ['-d=true']).values).toMatchObject({ detach: true });
  expect(parseArguments(run, ['-d=false', 'ls']).values).not.toMatchObject({ detach: true });
  expect(parseArguments(run, ['-e', 'A==1', '-eB=2', 'ls']).values).toMatchObject({ env: ['A==1', 'B=2'] });
  expect(parseArguments(ps, ['-f=status=running', '-q']).values).toMatchObject({ filter: ['status=running'], quiet: true });
  expect(() => parseArguments(run, ['-m=', 'ls'])).toThrow('-m needs a value');
});

test('other verbs take options anywhere', () => {
  expect(parseArguments(ps, ['x', '-q'])).toMatchObject({ values: { quiet: true }, positionals: ['x'] });
});

test('a negative number is an option’s value, and a command’s own words stay as they are', () => {
  const { values, positionals } = parseArguments(run, ['--oom-score-adj', '-500', '--time-offset', '-30d', 'nice', '-n', '-5']);
  expect(values).toMatchObject({ 'oom-score-adj': '-500', 'time-offset': ['-30d'] });
  expect(positionals).toEqual(['nice', '-n', '-5']);
  expect(parseArguments(run, ['--name', '-5', '--', '--cpus', '-1'])).toMatchObject({
    values: { name: '-5' },
    positionals: ['--', '--cpus', '-1'],
  });
});

test.each([
  [['-m', '64', 'true'], '-m "64": why'],
  [['-m64', 'true'], '-m "64": why'],
  [['-m=64', 'true'], '-m "64": why'],
  [['--memory=64', 'true'], '--memory "64": why'],
  [['--memory', '64', '--', 'sh', '-m', '64'], '--memory "64": why'],
  [['true'], '--memory "64": why'],
])('an option is named as it was typed: %j', (args, words) => {
  expect(asTyped(new OptionError('--memory', '64', 'why'), run, args)).toBe(words);
});
