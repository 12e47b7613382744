import { expect, test } from 'vitest';
import { resourceFailure } from './resource-failure.ts';

const outOfFiles = Object.assign(new Error("EMFILE: too many open files, open '/proc/uptime'"), { code: 'EMFILE' });

test.each([
  ['itself', outOfFiles],
  ['as a cause', new Error('cannot be read', { cause: outOfFiles })],
  ['beneath what failed while it was undone', new SuppressedError(new Error('rm'), outOfFiles, 'in disposal')],
])('a limit that is reached: %s', (_, error) => {
  expect(resourceFailure(error)).toMatchObject({ code: 'too-many', message: outOfFiles.message });
});

test.each([new Error('other'), Object.assign(new Error('gone'), { code: 'ENOENT' }), 'EMFILE', undefined])(
  'none: %s',
  (error) => {
    expect(resourceFailure(error)).toBeNull();
  },
);
