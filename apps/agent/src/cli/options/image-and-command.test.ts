import { expect, test } from 'vitest';
import { imageAndCommand } from './image-and-command.ts';

test.each([
  [['alpine'], undefined, { image: 'alpine', command: [] }],
  [['alpine', 'sh', '-c', 'ls'], undefined, { image: 'alpine', command: ['sh', '-c', 'ls'] }],
  [['alpine', '--', 'ls'], undefined, { image: 'alpine', command: ['--', 'ls'] }],
  [['--', 'sh', '--', 'x'], undefined, { command: ['sh', '--', 'x'] }],
  [[], 'alpine', { image: 'alpine', command: [] }],
  [['sh', '-c', 'ls'], 'alpine', { image: 'alpine', command: ['sh', '-c', 'ls'] }],
  [['--', '-x'], 'alpine', { image: 'alpine', command: ['-x'] }],
])('%j with --image %s', (words, option, chosen) => {
  expect(imageAndCommand(words, { image: option })).toEqual(chosen);
});

test.each([
  [[], { command: ['sh'] }],
  [['alpine', '-c'], { image: 'alpine', command: ['sh', '-c'] }],
  [['--', '-c'], { command: ['sh', '-c'] }],
])('%j with --entrypoint sh', (words, chosen) => {
  expect(imageAndCommand(words, { entrypoint: 'sh' })).toEqual(chosen);
});

test.each([[[]], [['--']]])('%j names neither an image nor a command', (words) => {
  expect(() => imageAndCommand(words, {})).toThrow('name an image, or -- COMMAND');
});
