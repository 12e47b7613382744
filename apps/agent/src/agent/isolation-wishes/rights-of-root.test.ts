import { CreateContainer, PlimsollError, type CreateContainerInput } from '@plimsoll/protocol';
import { expect, test } from 'vitest';
import { isolationSettings } from '../container-record.fixture.ts';
import { resolveIsolation } from './isolation.ts';
import type { Neighbour } from './namespaces.ts';

const own = isolationSettings().namespaces;
const NEIGHBOURS: Neighbour[] = [
  { id: '00000000000000aa', name: 'harmless', isolation: isolationSettings(), mounts: [] },
  { id: '00000000000000bb', name: 'mighty', isolation: isolationSettings({ capabilities: ['CAP_SYS_ADMIN'] }), mounts: [] },
  {
    id: '00000000000000cc',
    name: 'beside-it',
    isolation: isolationSettings({ namespaces: { ...own, pid: { container: '00000000000000bb' } } }),
    mounts: [],
  },
  {
    id: '00000000000000dd',
    name: 'with-files',
    isolation: isolationSettings(),
    mounts: [{ kind: 'bind', source: '/etc', destination: '/etc', readOnly: false, propagation: 'private', idmap: false }],
  },
  {
    id: '00000000000000ee',
    name: 'with-volume',
    isolation: isolationSettings(),
    mounts: [{ kind: 'volume', volume: 'v', destination: '/v', readOnly: false }],
  },
];

function find(ref: string): Neighbour {
  const found = NEIGHBOURS.find(({ id, name }) => ref === id || ref === name);
  if (found === undefined) throw new PlimsollError('not-found', `there is no container "${ref}"`);
  return found;
}

const ask = (wishes: CreateContainerInput, who: 'local' | 'user') =>
  resolveIsolation(CreateContainer.parse(wishes), {
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
])('%j is for root on the host alone', (wishes, message) => {
  expect(() => ask(wishes, 'user')).toThrow(message);
  expect(() => ask(wishes, 'local')).not.toThrow();
});

test.each<CreateContainerInput>([
  {},
  { capabilities: { add: ['NET_RAW'], drop: ['CHOWN'] } },
  { namespaces: { pid: { container: 'harmless' } } },
  { namespaces: { mount: { container: 'with-volume' } } },
  { oomScoreAdj: 500, readOnly: true, user: '1000', timeOffsets: { monotonicS: 3600 } },
  { sysctls: { 'net.ipv4.ip_forward': '1' }, tmpfs: [{ destination: '/run' }], rlimits: { nofile: { soft: 1, hard: 1 } } },
])('%j is for everybody', (wishes) => {
  expect(() => ask(wishes, 'user')).not.toThrow();
});

test.each<[CreateContainerInput, RegExp]>([
  [{ namespaces: { mount: 'host', user: 'host' }, readOnly: true }, /^readOnly: would change the mounts of the host/],
  [
    { namespaces: { mount: { container: 'harmless' } }, mounts: [{ kind: 'volume', volume: 'v', destination: '/v' }] },
    /^mounts: would change the mounts of another container/,
  ],
  [{ seccomp: { profile: '{}' } }, /^seccomp\.profile: /],
  [{ seccomp: { profile: 'not JSON' } }, /^seccomp\.profile: /],
])('%j is refused to everybody', (wishes, message) => {
  expect(() => ask(wishes, 'local')).toThrow(message);
});
