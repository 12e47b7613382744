import { existsSync, readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { expect, test } from 'vitest';
import { networkFiles } from './network-files.ts';
import type { ContainerDefinition } from './protocol.ts';

const OWN = ['network', 'uts'];

/** A definition as far as these files depend on it. */
function defined(name: string, own: readonly string[] = OWN, more: object = {}): ContainerDefinition {
  const linux = { namespaces: own.map((type) => ({ type })) };
  return { name, sharing: {}, mounts: [], config: { hostname: name, linux }, ...more } as unknown as ContainerDefinition;
}

function filesOf(definition: ContainerDefinition, others: Record<string, ContainerDefinition> = {}): Record<string, string> {
  const find = (id: string) => {
    const other = others[id];
    if (other === undefined) throw new Error('it does not run');
    return other;
  };
  return Object.fromEntries(networkFiles(definition, find).map(({ path, text }) => [path, text]));
}

const LOCALHOST = '127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\n';

test('a network of its own has localhost and its own name', () => {
  expect(filesOf(defined('web'))).toEqual({ '/etc/hosts': `${LOCALHOST}127.0.0.1\tweb\n`, '/etc/hostname': 'web\n' });
});

test('a whole domain name has its first part as well, and a name that is none no line', () => {
  expect(filesOf(defined('web.example.org'))['/etc/hosts']).toBe(`${LOCALHOST}127.0.0.1\tweb.example.org web\n`);
  expect(filesOf(defined('localhost'))['/etc/hosts']).toBe(LOCALHOST);
  expect(filesOf(defined('a b\n192.0.2.1 c'))['/etc/hosts']).toBe(LOCALHOST);
});

test("the host's network has the host's files, and the own name", () => {
  const files = filesOf(defined('web', ['uts']));
  const read = (path: string) => (existsSync(path) ? readFileSync(path, 'utf8') : undefined);
  expect(files['/etc/resolv.conf']).toBe(read('/etc/resolv.conf'));
  expect(files['/etc/hosts']).toContain((read('/etc/hosts') ?? LOCALHOST).trimEnd());
  expect(files['/etc/hosts']).toMatch(/^127\.0\.0\.1\tweb$/m);
  expect(filesOf(defined('web', []))['/etc/hostname']).toBe(`${hostname()}\n`);
});

test("another container's network has both names, also of one that it joins", () => {
  const others = { a: defined('first'), b: defined('second', ['uts'], { sharing: { network: 'a' } }) };
  const joined = (network: string) => filesOf(defined('web', ['uts'], { sharing: { network } }), others);
  expect(joined('a')['/etc/hosts']).toBe(`${LOCALHOST}127.0.0.1\tweb\n127.0.0.1\tfirst\n`);
  expect(joined('b')['/etc/hosts']).toBe(`${LOCALHOST}127.0.0.1\tweb\n127.0.0.1\tfirst\n`);
  expect(filesOf(defined('web', ['network'], { sharing: { uts: 'a' } }), others)['/etc/hostname']).toBe('first\n');
});

test('one that joins a network of which the first has ended has no resolver of the host', () => {
  const others = { b: defined('second', ['uts'], { sharing: { network: 'gone' } }) };
  const files = filesOf(defined('web', ['uts'], { sharing: { network: 'b' } }), others);
  expect(files['/etc/hosts']).toBe(`${LOCALHOST}127.0.0.1\tweb\n127.0.0.1\tsecond\n`);
  expect(files['/etc/resolv.conf']).toBeUndefined();
});

test("what a person's mounts cover is left out", () => {
  const mounts = [{ kind: 'volume', volume: 'v', destination: '/etc/hosts' }];
  expect(Object.keys(filesOf(defined('web', OWN, { mounts })))).toEqual(['/etc/hostname']);
});
