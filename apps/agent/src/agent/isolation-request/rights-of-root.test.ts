import { CreateContainer, errorInWords, PlimsollError, type CreateContainerInput } from '@plimsoll/protocol';
import { expect, test } from 'vitest';
import { isolationSettings } from '../container-record.fixture.ts';
import { resolveIsolation } from './isolation.ts';
import type { Neighbour } from './namespaces.ts';
import { refusalOf } from './refusal.fixture.ts';

const own = isolationSettings().namespaces;
const NEIGHBOURS: Neighbour[] = [
  { id: '00000000000000aa', name: 'harmless', hostname: '', isolation: isolationSettings(), mounts: [] },
  {
    id: '00000000000000bb',
    name: 'mighty',
    hostname: '',
    isolation: isolationSettings({ capabilities: ['CAP_SYS_ADMIN'] }),
    mounts: [],
  },
  {
    id: '00000000000000cc',
    name: 'beside-it',
    hostname: '',
    isolation: isolationSettings({ namespaces: { ...own, pid: { container: '00000000000000bb' } } }),
    mounts: [],
  },
  {
    id: '00000000000000dd',
    name: 'with-files',
    hostname: '',
    isolation: isolationSettings(),
    mounts: [{ kind: 'bind', source: '/etc', destination: '/etc', readOnly: false, propagation: 'private', idmap: false }],
  },
  {
    id: '00000000000000ee',
    name: 'with-volume',
    hostname: '',
    isolation: isolationSettings(),
    mounts: [{ kind: 'volume', volume: 'v', destination: '/v', readOnly: false }],
  },
];

function find(ref: string): Neighbour {
  const found = NEIGHBOURS.find(({ id, name }) => ref === id || ref === name);
  if (found === undefined) throw new PlimsollError('not-found', `there is no container "${ref}"`);
  return found;
}

const ask = (request: CreateContainerInput, who: 'local' | 'user') =>
  resolveIsolation(CreateContainer.parse(request), {
    caller: who === 'local' ? { who } : { who, session: 'x' },
    find,
    layers: [],
  });

test.each<[CreateContainerInput, RegExp]>([
  [{ namespaces: { user: 'host' } }, /^the host's user namespace is for root on the host alone$/],
  [{ namespaces: { user: 'host', pid: 'host' } }, /^the host's pid namespace .*, as is the host's user namespace$/],
  [{ capabilities: { add: ['CAP_SYS_ADMIN', 'CAP_BPF'] } }, /^CAP_SYS_ADMIN .*, as is CAP_BPF$/],
  [{ seccomp: 'unconfined' }, /^to have no seccomp filter /],
  [{ seccomp: { profile: '{"defaultAction":"SCMP_ACT_ALLOW"}' } }, /^a seccomp profile of one's own /],
  [{ noNewPrivileges: false }, /^to gain privileges by an exec/],
  [{ appArmor: 'unconfined' }, /^the AppArmor profile unconfined /],
  [{ devices: [{ path: '/dev/null', destination: '/dev/other' }] }, /^the device \/dev\/null /],
  [{ rlimits: { rtprio: { soft: 1, hard: 1 } } }, /^the limit "rtprio" /],
  [{ oomScoreAdj: -1 }, /^to be spared when the host is out of memory /],
  [{ namespaces: { uts: { container: 'mighty' } } }, /^to share a namespace with "mighty", which has rights over the host, /],
  // Whoever shares with one that shares is next to the same neighbour.
  [{ namespaces: { pid: { container: 'beside-it' } } }, /^to share a namespace with "beside-it", /],
  // Files of the host that only root may mount.
  [{ namespaces: { mount: { container: 'with-files' } } }, /^to share a namespace with "with-files", /],
  [{ namespaces: { pid: { container: 'with-files' } } }, /^to share a namespace with "with-files", /],
])('%j is for root on the host alone', (request, message) => {
  expect(() => ask(request, 'user')).toThrow(message);
  expect(() => ask(request, 'local')).not.toThrow();
});

test.each<CreateContainerInput>([
  {},
  { capabilities: { add: ['NET_RAW'], drop: ['CHOWN'] } },
  { namespaces: { pid: { container: 'harmless' } } },
  { namespaces: { mount: { container: 'with-volume' } } },
  { oomScoreAdj: 500, readOnly: true, user: '1000', timeOffsets: { monotonicS: 3600 } },
  { sysctls: { 'net.ipv4.ip_forward': '1' }, tmpfs: [{ destination: '/run' }], rlimits: { nofile: { soft: 1, hard: 1 } } },
])('%j is for everybody', (request) => {
  expect(() => ask(request, 'user')).not.toThrow();
});

test.each<[CreateContainerInput, RegExp]>([
  [{ namespaces: { mount: 'host', user: 'host' }, readOnly: true }, /^readOnly: it would change the mounts of the host/],
  [
    { namespaces: { mount: { container: 'harmless' } }, mounts: [{ kind: 'volume', volume: 'v', destination: '/v' }] },
    /^mounts: it would change the mounts of another container/,
  ],
  [{ user: '65536' }, /^user: 65536 is none of the 65536 ids /],
  [{ user: '1:70000' }, /^user: 70000 is none /],
  [{ groups: ['1', '65536'] }, /^groups: 65536 is none /],
  [{ namespaces: { user: { container: 'harmless' } }, user: '65536' }, /^user: 65536 is none /],
  [{ timeOffsets: { boottimeS: -4e9 } }, /^timeOffsets\.boottimeS: 4000000000 s ago the host's boottime clock had not begun$/],
  [{ timeOffsets: { monotonicS: -4e9 } }, /^timeOffsets\.monotonicS: /],
  [{ sysctls: { 'kernel.panic': '1' } }, /^sysctls: kernel\.panic is of the whole host/],
  [{ sysctls: { 'kernel/hostname': 'x' } }, /^sysctls: kernel\/hostname is set as the container's host name$/],
  [
    { sysctls: { 'net/ipv4/ip_forward': '1' }, namespaces: { user: 'host', network: 'host' } },
    /^sysctls: net\/ipv4\/ip_forward would be set for the host as well, whose network namespace this is$/,
  ],
  [
    { sysctls: { 'fs.mqueue.msg_max': '1' }, namespaces: { ipc: { container: 'harmless' } } },
    /^sysctls: fs\.mqueue\.msg_max would be set for another container as well/,
  ],
  [{ seccomp: { profile: '{}' } }, /^seccomp\.profile: seccomp\.defaultAction is missing$/],
  [{ seccomp: { profile: 'not JSON' } }, /^seccomp\.profile: /],
])('%j is refused to everybody', (request, message) => {
  expect(errorInWords(refusalOf(() => ask(request, 'local')))).toMatch(message);
});

test('in the host’s user namespace every id is had', () => {
  const { user } = ask({ user: '70000:80000', groups: ['90000'], namespaces: { user: 'host' } }, 'local');
  expect(user).toEqual({ uid: 70_000, gid: 80_000, additionalGids: [90_000] });
});
