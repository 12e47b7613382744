import { expect, test } from 'vitest';
import { imageAndCommand } from './image-and-command.ts';

test.each([
  [[], undefined, { command: [] }],
  [['alpine'], undefined, { image: 'alpine', command: [] }],
  [['alpine', 'sh', '-c', 'ls'], undefined, { image: 'alpine', command: ['sh', '-c', 'ls'] }],
  [['alpine', '--', 'ls'], undefined, { image: 'alpine', command: ['--', 'ls'] }],
  [['--'], undefined, { command: [] }],
  [['--', 'sh', '--', 'x'], undefined, { command: ['sh', '--', 'x'] }],
  [[], 'alpine', { image: 'alpine', command: [] }],
  [['sh', '-c', 'ls'], 'alpine', { image: 'alpine', command: ['sh', '-c', 'ls'] }],
  [['--', '-x'], 'alpine', { image: 'alpine', command: ['-x'] }],
])('%j with --image %s', (words, option, chosen) => {
  expect(imageAndCommand(words, option)).toEqual(chosen);
});
