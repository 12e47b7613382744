import { join } from 'node:path';
import { ContainerMounts } from '@plimsoll/protocol';
import { expect, test } from 'vitest';
import { describeMount, parseMounts, parseTmpfsMounts } from './mount-options.ts';
import { UsageError } from '../verb.ts';

const volume = (...texts: string[]) => parseMounts({ volume: texts, mount: [] });
const mount = (...texts: string[]) => parseMounts({ volume: [], mount: texts });

test('-v is a volume by its name, and a path of the host by its first character', () => {
  expect(volume('data:/data', 'data:/ro:ro', '/srv:/srv:ro,rslave', './here:/here:idmap', '/raw:/raw:noidmap')).toEqual([
    { kind: 'volume', volume: 'data', destination: '/data' },
    { kind: 'volume', volume: 'data', destination: '/ro', readOnly: true },
    { kind: 'bind', source: '/srv', destination: '/srv', readOnly: true, propagation: 'slave' },
    { kind: 'bind', source: join(process.cwd(), 'here'), destination: '/here', idmap: true },
    { kind: 'bind', source: '/raw', destination: '/raw', idmap: false },
  ]);
});

test('--mount says the same in words', () => {
  expect(
    mount(
      'source=data,destination=/data',
      'type=volume,src=data,dst=/ro,readonly',
      'type=bind,source=/a:b,target=/srv,ro=true,bind-propagation=rshared,idmap=false',
    ),
  ).toEqual([
    { kind: 'volume', volume: 'data', destination: '/data' },
    { kind: 'volume', volume: 'data', destination: '/ro', readOnly: true },
    { kind: 'bind', source: '/a:b', destination: '/srv', readOnly: true, propagation: 'shared', idmap: false },
  ]);
});

test('--mount takes commas in quotes, as CSV has them', () => {
  expect(mount('type=bind,"source=/a,b",destination=/x')).toEqual([{ kind: 'bind', source: '/a,b', destination: '/x' }]);
  expect(() => mount('type=bind,source="/a,b",destination=/x')).toThrow('a quote stands within source="/a: put the whole of it');
  expect(() => mount('type=bind,"source=/a,destination=/x')).toThrow('is not closed');
});

test('--mount with type=tmpfs is a tmpfs', () => {
  const texts = [
    'type=tmpfs,destination=/a',
    'type=tmpfs,dst=/b,tmpfs-size=64m,tmpfs-mode=1700',
    'type=tmpfs,dst=/c,tmpfs-size=50%',
  ];
  expect(parseTmpfsMounts({ mount: [...texts, 'source=data,destination=/data'] })).toEqual([
    { destination: '/a' },
    { destination: '/b', sizeBytes: 64 * 2 ** 20, mode: 0o1700 },
    { destination: '/c', sizePercent: 50 },
  ]);
  expect(mount(...texts)).toEqual([]);
});

test.each([
  'data',
  '/data',
  ':/data',
  'data:',
  'data:/data:z',
  'data:/data:ro:rw',
  'data:/data:rslave',
  'data:/data:idmap',
  'a:/b:',
])('-v "%s" is wrong usage', (text) => expect(() => volume(text)).toThrow(UsageError));

test.each([
  '',
  'type=bind',
  'type=tmpfs',
  'type=tmpfs,source=a,destination=/a',
  'type=tmpfs,destination=/a,readonly',
  'type=tmpfs,destination=/a,tmpfs-mode=9',
  'type=tmpfs,destination=/a,tmpfs-size=0%',
  'source=a,destination=/a,tmpfs-size=1m',
  'source=a,destination=/a,idmap=true',
  'type=npipe,source=a,destination=/a',
  'source=a,destination=/a,size=1',
  'source=a,dst=/a,ro=yes',
])('--mount "%s" is wrong usage', (text) => expect(() => [mount(text), parseTmpfsMounts({ mount: [text] })]).toThrow(UsageError));

test.each(['data:data', 'data:/', 'data:/a/../b', 'data:/a/', 'data:/proc/sys', 'data:/dev', '-x:/data'])(
  '-v "%s" is no mount',
  (text) => expect(ContainerMounts.safeParse(volume(text)).success).toBe(false),
);

test('two mounts at one place are refused', () => {
  const [issue] = ContainerMounts.safeParse(volume('a:/data', 'b:/data')).error?.issues ?? [];
  expect(issue).toMatchObject({ path: [1, 'destination'], message: 'two mounts go to /data' });
});

test('a mount in words is what -v takes', () => {
  const texts = ['data:/data', 'data:/b:ro', '/srv:/srv:ro,rslave', '/srv:/a:rshared,idmap', '/srv:/c:noidmap'];
  expect(ContainerMounts.parse(volume(...texts)).map(describeMount)).toEqual(texts);
});
