import { CreateContainer, type CreateContainerInput } from '@plimsoll/protocol';
import { afterEach, expect, test, vi } from 'vitest';
import { AccountFiles } from '../isolation-request/account-files.ts';
import { define } from './definition.ts';

const LOOKUPS = vi.spyOn(AccountFiles.prototype, 'user');
afterEach(() => void LOOKUPS.mockClear());

/** The environment of a container that runs as root in an image without files. */
function environmentOf(request: CreateContainerInput, env: string[] = []): unknown {
  const image = { name: 'image', digest: 'sha256:0', layers: [], config: { command: ['true'], env, workdir: '/' } };
  const { definition } = define(CreateContainer.parse(request), 'name', image, {
    cgroupRoot: 'plimsoll',
    volumePath: () => '',
    caller: { who: 'local' },
    find: () => {
      throw new Error('there is no other container');
    },
  });
  return definition.config['process'];
}

test.each<[string, CreateContainerInput, string[], string, number]>([
  ['neither has it', {}, [], 'HOME=/root', 1],
  ['the request has it', { env: { HOME: '/own' } }, [], 'HOME=/own', 0],
  ['the image has it', {}, ['HOME=/image'], 'HOME=/image', 0],
  ['both have it', { env: { HOME: '' } }, ['HOME=/image'], 'HOME=', 0],
])('HOME is looked up in the accounts of the image only where it is needed: %s', (_, request, image, home, lookups) => {
  expect(environmentOf(request, image)).toMatchObject({ env: expect.arrayContaining([home]) as unknown });
  expect(LOOKUPS).toHaveBeenCalledTimes(lookups);
});
