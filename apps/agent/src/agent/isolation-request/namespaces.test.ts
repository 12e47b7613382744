import { CreateContainer, errorInWords, NamespaceType, PlimsollError, type CreateContainerInput } from '@plimsoll/protocol';
import { expect, test } from 'vitest';
import { isolationSettings } from '../container-record.fixture.ts';
import { refusalOf } from './refusal.fixture.ts';
import { resolveNamespaces, sharingOf, type Namespaces, type Neighbour } from './namespaces.ts';

const [DB, GUEST, TRUSTED] = ['00000000000000aa', '00000000000000bb', '00000000000000cc'] as const;
const own = isolationSettings().namespaces;

/** One with all of its own, one in that one's namespaces, one in the host's user namespace. */
const NEIGHBOURS: Neighbour[] = [
  { id: DB, name: 'db', hostname: '', isolation: isolationSettings(), mounts: [] },
  {
    id: GUEST,
    name: 'guest',
    hostname: '',
    isolation: isolationSettings({ namespaces: { ...own, user: { container: DB }, pid: { container: DB } } }),
    mounts: [],
  },
  {
    id: TRUSTED,
    name: 'trusted',
    hostname: '',
    isolation: isolationSettings({ namespaces: { ...own, user: 'host' } }),
    mounts: [],
  },
];

function find(ref: string): Neighbour {
  const found = NEIGHBOURS.find(({ id, name }) => ref === id || ref === name);
  if (found === undefined) throw new PlimsollError('not-found', `there is no container "${ref}"`);
  return found;
}

const resolve = (request: CreateContainerInput): Namespaces => resolveNamespaces(CreateContainer.parse(request), find);

test('all are its own where nothing is said', () => {
  expect(resolve({})).toEqual(Object.fromEntries(NamespaceType.options.map((type) => [type, 'private'])));
});

test('a container is named by what it was called, and known by its id', () => {
  const namespaces = resolve({ namespaces: { uts: { container: 'db' } } });
  expect(namespaces.uts).toEqual({ container: DB });
  expect(sharingOf(namespaces)).toEqual({ uts: DB });
  expect(() => resolve({ namespaces: { uts: { container: 'none' } } })).toThrow('there is no container "none"');
});

test.each([
  ['of whom pid is joined', { pid: { container: 'db' } }, { container: DB }],
  ['of whom network is joined', { network: { container: 'trusted' } }, 'host'],
  // The one that was named may outlive the one whose it was.
  ['of whom the joined one joined it', { pid: { container: 'guest' } }, { container: GUEST }],
  ['its own, where what is joined is mounted nowhere', { uts: { container: 'db' } }, 'private'],
] as const)('the user namespace is that %s', (_, namespaces, user) => {
  expect(resolve({ namespaces }).user).toEqual(user);
});

test.each<[CreateContainerInput, RegExp, RegExp]>([
  [
    { namespaces: { pid: 'host' } },
    /^namespaces\.pid: it is to be the host's, and with a user namespace of its own the kernel lets nobody mount its \/proc$/,
    /--userns host/,
  ],
  [
    { namespaces: { ipc: { container: 'db' }, user: 'private' } },
    /^namespaces\.ipc: it is to be that of "db", .* mount its \/dev\/mqueue$/,
    /--userns container:db/,
  ],
  [
    { namespaces: { pid: { container: 'db' }, network: { container: 'trusted' } } },
    /^namespaces\.network: it is to be that of "trusted", and with the user namespace of "db" /,
    /--userns host/,
  ],
  [{ namespaces: { uts: 'host' }, hostname: 'x' }, /^hostname: it would be set for the host as well/, /--uts/],
  [{ namespaces: { uts: { container: 'db' } }, domainname: 'x' }, /^domainname: .* another container/, /--uts/],
  [{ namespaces: { time: 'host' }, timeOffsets: { monotonicS: 1 } }, /^timeOffsets: .* the host/, /--time/],
])('%j is refused, and says what to do', (request, message, hint) => {
  const error = refusalOf(() => resolve(request));
  expect(error.code).toBe('bad-request');
  expect(errorInWords(error)).toMatch(message);
  expect(error.hint).toMatch(hint);
});

test('with the host’s user namespace every one of the host’s and of others can be had', () => {
  const all = resolve({ namespaces: { user: 'host', pid: 'host', ipc: { container: 'db' }, network: { container: 'guest' } } });
  expect(all).toMatchObject({ user: 'host', pid: 'host', ipc: { container: DB }, network: { container: GUEST } });
});

test('a namespace of a container that was removed is told as that', () => {
  const without = (ref: string) => {
    if (ref === DB) throw new PlimsollError('not-found', `there is no container "${ref}"`);
    return find(ref);
  };
  const request = CreateContainer.parse({ namespaces: { pid: { container: 'guest' } } });
  expect(() => resolveNamespaces(request, without)).toThrow('"guest" had the pid namespace of a container that was removed');
});
