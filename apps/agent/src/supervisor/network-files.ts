import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { hostname as hostsName } from 'node:os';
import type { NetworkFile, OciConfig } from '@plimsoll/core';
import type { ContainerDefinition } from './protocol.ts';

/** What is looked up of containers whose namespaces are joined; throws where one does not run. */
type FindDefinition = (id: string) => ContainerDefinition;

/** Of a file of the host's that is copied. */
const MOST_BYTES = 64 * 1024;
/** Of joined namespaces, one after another. */
const MOST_JOINS = 32;

const LOCALHOST = '127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\n';
/** What resolv.conf(5) and hosts(5) take as one name. */
const NAME = /^[\w.-]{1,64}$/;

/**
 * The files by which a container finds names, as its namespaces have them at its start (hosts(5), hostname(5), resolv.conf(5)):
 *
 * - in a network of its own, localhost and its own name. There is no route to a name server, so its image's resolv.conf stays;
 * - in the host's network the host's, as docker copies them, and its own name;
 * - in another container's network that one's, and both names.
 *
 * A file that a person's mount covers is left out. The resolvers of networks come in here when there are some.
 */
export function networkFiles(definition: ContainerDefinition, find: FindDefinition): NetworkFile[] {
  const name = nameOf(definition, find);
  const owner = ownerOf(definition, 'network', find);
  const names = [...new Set([name, nameOf(owner, find)])].filter((one) => NAME.test(one));
  const isHosts = !hasOwn(owner, 'network') && owner.sharing.network === undefined;
  const resolver = isHosts ? readHosts('/etc/resolv.conf') : null;
  const files: NetworkFile[] = [
    { path: '/etc/hosts', text: withNames((isHosts ? readHosts('/etc/hosts') : null) ?? LOCALHOST, names) },
    { path: '/etc/hostname', text: `${name}\n` },
    ...(resolver === null ? [] : [{ path: '/etc/resolv.conf', text: resolver } as const]),
  ];
  const covered = new Set(definition.mounts.map(({ destination }) => destination));
  return files.filter(({ path }) => !covered.has(path));
}

/** Names that are in there stay as they are. A whole domain name has its first part as well. */
function withNames(hosts: string, names: readonly string[]): string {
  const known = new Set(hosts.split('\n').flatMap((line) => (line.split('#', 1)[0] ?? '').split(/\s+/).slice(1)));
  const lines = names
    .filter((name) => !known.has(name))
    .map((name) => `127.0.0.1\t${[...new Set([name, name.split('.', 1)[0]])].join(' ')}\n`);
  const end = hosts === '' || hosts.endsWith('\n') ? '' : '\n';
  return `${hosts}${end}${lines.join('')}`;
}

function nameOf(definition: ContainerDefinition, find: FindDefinition): string {
  const owner = ownerOf(definition, 'uts', find);
  const { hostname } = owner.config;
  return hasOwn(owner, 'uts') && typeof hostname === 'string' ? hostname : hostsName();
}

/** The one that a namespace is made for. One that has ended since stands for itself no more: the last that is known does. */
function ownerOf(definition: ContainerDefinition, type: 'uts' | 'network', find: FindDefinition): ContainerDefinition {
  let owner = definition;
  for (let joins = 0; joins < MOST_JOINS; joins++) {
    const joined = owner.sharing[type];
    if (joined === undefined) return owner;
    try {
      owner = find(joined);
    } catch {
      return owner;
    }
  }
  return owner;
}

function hasOwn({ config }: ContainerDefinition, type: 'uts' | 'network'): boolean {
  const linux = config['linux'] as Partial<OciConfig['linux']> | undefined;
  return linux?.namespaces?.some((namespace) => namespace.type === type) ?? false;
}

/** Null: there is none, or it is no file of a usual size. */
function readHosts(path: string): string | null {
  try {
    const fd = openSync(path, 'r');
    try {
      const stats = fstatSync(fd);
      if (!stats.isFile() || stats.size > MOST_BYTES) return null;
      const bytes = Buffer.alloc(MOST_BYTES);
      return bytes.toString('utf8', 0, readSync(fd, bytes));
    } finally {
      closeSync(fd);
    }
  } catch {
    return null;
  }
}
