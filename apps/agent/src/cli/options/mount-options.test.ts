import { join } from 'node:path';
import { ContainerMounts } from '@plimsoll/protocol';
import { expect, test } from 'vitest';
import { describeMount, parseMounts } from './mount-options.ts';
import { UsageError } from '../verb.ts';

const volume = (...texts: string[]) => parseMounts({ volume: texts, mount: [] });
const mount = (...texts: string[]) => parseMounts({ volume: [], mount: texts });

test('-v is a volume by its name, and a path of the host by its first character', () => {
  expect(volume('data:/data', 'data:/ro:ro', '/srv:/srv:ro,rslave', './here:/here:idmap')).toEqual([
    { kind: 'volume', volume: 'data', destination: '/data' },
    { kind: 'volume', volume: 'data', destination: '/ro', readOnly: true },
    { kind: 'bind', source: '/srv', destination: '/srv', readOnly: true, propagation: 'slave' },
    { kind: 'bind', source: join(process.cwd(), 'here'), destination: '/here', idmap: true },
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
    { kind: 'bind', source: '/a:b', destination: '/srv', readOnly: true, propagation: 'shared' },
  ]);
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

test.each(['', 'type=bind', 'type=tmpfs,source=a,destination=/a', 'source=a,destination=/a,size=1', 'source=a,dst=/a,ro=yes'])(
  '--mount "%s" is wrong usage',
  (text) => expect(() => mount(text)).toThrow(UsageError),
);

test.each(['data:data', 'data:/', 'data:/a/../b', 'data:/a/', 'data:/proc/sys', 'data:/dev', '-x:/data'])(
  '-v "%s" is no mount',
  (text) => expect(ContainerMounts.safeParse(volume(text)).success).toBe(false),
);

test('two mounts at one place are refused', () => {
  const [issue] = ContainerMounts.safeParse(volume('a:/data', 'b:/data')).error?.issues ?? [];
  expect(issue).toMatchObject({ path: [1, 'destination'], message: 'two mounts go to /data' });
});

test('a mount in words is what -v takes', () => {
  const texts = ['data:/data', 'data:/b:ro', '/srv:/srv:ro,rslave', '/srv:/a:rshared,idmap'];
  expect(ContainerMounts.parse(volume(...texts)).map(describeMount)).toEqual(texts);
});
