import { expect, test } from 'vitest';
import { commandCandidates, DEFAULT_PATH } from './command.ts';

test.each([
  ['sh', ['PATH=/usr/bin:/bin'], ['/usr/bin/sh', '/bin/sh']],
  ['sh', ['HOME=/', 'PATH=/opt/'], ['/opt/sh']],
  ['sh', ['PATH=:.:bin::/bin:'], ['/bin/sh']],
  ['sh', ['PATH='], ['sh']],
  ['/bin/sh', ['PATH=/usr/bin'], ['/bin/sh']],
  ['./run', ['PATH=/usr/bin'], ['./run']],
  ['', ['PATH=/usr/bin'], ['']],
  ['x'.repeat(255), ['PATH=/usr/bin'], [`/usr/bin/${'x'.repeat(255)}`]],
  ['é'.repeat(128), ['PATH=/usr/bin'], ['é'.repeat(128)]],
])('%j with %j', (command, env, candidates) => {
  expect(commandCandidates(command, env)).toEqual(candidates);
});

test('without a PATH there is a default one', () => {
  expect(commandCandidates('sh', ['MYPATH=/x'])).toEqual(DEFAULT_PATH.split(':').map((directory) => `${directory}/sh`));
});
