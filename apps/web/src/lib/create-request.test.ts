import { CreateContainer } from '@plimsoll/protocol';
import { describe, expect, it } from 'vitest';
import { createRequest, fieldOf, FIELDS, type FormValues } from './create-request.ts';
import { NO_LIMITS } from './limit-texts.ts';

const empty: FormValues = {
  ...(Object.fromEntries(FIELDS.map((field) => [field, ''])) as Record<(typeof FIELDS)[number], string>),
  limits: NO_LIMITS,
  volumes: [],
  shares: [],
  readOnly: false,
  autoRemove: false,
};
const data = { volume: 'data', destination: '/data', readOnly: false };
const errorsOf = (values: Partial<FormValues>) => {
  const made = createRequest({ ...empty, ...values });
  return 'errors' in made ? made.errors : {};
};

describe('createRequest', () => {
  it('leaves what is empty to the defaults', () => {
    expect(createRequest(empty)).toMatchObject({ request: { group: 'default', image: 'base', command: [], limits: {} } });
  });

  it('reads every field', () => {
    const values: FormValues = {
      name: ' burner ',
      group: 'acme/web',
      image: 'debian:12',
      command: "sh -c 'while :; do :; done'",
      limits: { ...NO_LIMITS, cpus: '0.5', memoryBytes: '64m', pids: '32', cpuWeight: '200' },
      env: 'A=1\n\nB=x=y',
      workdir: '/srv',
      hostname: 'burner',
      volumes: [
        { volume: 'data', destination: '/data', readOnly: false },
        { volume: 'conf ', destination: ' /etc/app', readOnly: true },
      ],
      user: '1000:1000',
      capabilities: '-ALL NET_RAW',
      namespaces: 'db',
      shares: ['pid'],
      timeOffsets: '-60',
      readOnly: true,
      autoRemove: true,
    };
    expect(createRequest(values)).toEqual({
      request: CreateContainer.parse({
        name: 'burner',
        group: 'acme/web',
        image: 'debian:12',
        command: ['sh', '-c', 'while :; do :; done'],
        limits: { cpus: 0.5, memoryBytes: 67_108_864, pids: 32, cpuWeight: 200 },
        env: { A: '1', B: 'x=y' },
        workdir: '/srv',
        hostname: 'burner',
        mounts: [
          { kind: 'volume', volume: 'data', destination: '/data' },
          { kind: 'volume', volume: 'conf', destination: '/etc/app', readOnly: true },
        ],
        user: '1000:1000',
        capabilities: { drop: ['ALL'], add: ['CAP_NET_RAW'] },
        namespaces: { pid: { container: 'db' } },
        timeOffsets: { monotonicS: -60, boottimeS: -60 },
        readOnly: true,
        autoRemove: true,
      }),
    });
  });

  it.each<[Partial<FormValues>, string]>([
    [{ name: '-x' }, 'name'],
    [{ group: 'Acme' }, 'group'],
    [{ image: '!' }, 'image'],
    [{ command: "sh -c 'x" }, 'command'],
    [{ limits: { ...NO_LIMITS, cpus: '0.001' } }, 'cpus'],
    [{ limits: { ...NO_LIMITS, memoryBytes: 'x' } }, 'memoryBytes'],
    [{ env: 'novalue' }, 'env'],
    [{ env: '=x' }, 'env'],
    [{ env: '  =x' }, 'env'],
    [{ env: `${'x'.repeat(4097)}=1` }, 'env'],
    [{ workdir: 'srv' }, 'workdir'],
    [{ hostname: 'a b' }, 'hostname'],
    [{ volumes: [{ ...data, volume: 'a/b' }] }, 'mounts.0.volume'],
    [{ volumes: [{ ...data, destination: '' }] }, 'mounts.0.destination'],
    [{ volumes: [data, { ...data, destination: '/proc/x' }] }, 'mounts.1.destination'],
    [{ volumes: [data, { ...data, volume: 'other' }] }, 'mounts.1.destination'],
    [{ volumes: Array.from({ length: 129 }, (_, at) => ({ ...data, destination: `/${at}` })) }, 'mounts'],
    [{ user: 'a:b:c' }, 'user'],
    [{ capabilities: 'NET-RAW' }, 'capabilities'],
    [{ namespaces: 'db' }, 'namespaces'],
    [{ timeOffsets: 'soon' }, 'timeOffsets'],
  ])('%o is wrong at its field', (values, field) => {
    expect(Object.keys(errorsOf(values))).toEqual([field]);
    expect(Object.values(errorsOf(values))[0]).toMatch(/^["A-Z].*\.$/);
  });

  it('takes a variable of any name', () => {
    const names = ['discovery.type', 'my-var', '1x', 'A B', 'é', '__proto__', 'constructor'];
    const answer = createRequest({ ...empty, env: names.map((name) => `${name}=1`).join('\n') });
    expect('request' in answer && Object.entries(answer.request.env ?? {})).toEqual(names.map((name) => [name, '1']));
  });

  it('tells of every wrong field at once', () => {
    expect(Object.keys(errorsOf({ name: '-', limits: { ...NO_LIMITS, cpus: 'x' }, env: 'y' })).toSorted()).toEqual([
      'cpus',
      'env',
      'name',
    ]);
  });
});

it('finds the field that an error of the agent is about', () => {
  expect(fieldOf('limits.memoryBytes')).toBe('memoryBytes');
  expect(fieldOf('env.1A')).toBe('env');
  expect(fieldOf('mounts.0.destination')).toBe('mounts.0.destination');
  expect(fieldOf('the host is full')).toBeUndefined();
});
