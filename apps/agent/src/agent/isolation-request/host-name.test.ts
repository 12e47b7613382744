import { hostname } from 'node:os';
import { PlimsollError, type NamespaceMode } from '@plimsoll/protocol';
import { expect, test } from 'vitest';
import { hostNameIn } from './host-name.ts';
import type { Neighbour } from './namespaces.ts';

const neighbour = (id: string, uts: NamespaceMode, name: string): Neighbour => ({
  id,
  name: id,
  hostname: name,
  isolation: { namespaces: { uts } } as Neighbour['isolation'],
  mounts: [],
});

const NEIGHBOURS = new Map([
  ['own', neighbour('own', 'private', 'box')],
  ['joined', neighbour('joined', { container: 'own' }, '')],
  ['hosts', neighbour('hosts', 'host', '')],
  ['orphan', neighbour('orphan', { container: 'removed' }, '')],
]);

function find(ref: string): Neighbour {
  const found = NEIGHBOURS.get(ref);
  if (found === undefined) throw new PlimsollError('not-found', ref);
  return found;
}

test.each<[NamespaceMode, string | undefined]>([
  ['private', 'mine'],
  ['host', hostname()],
  [{ container: 'own' }, 'box'],
  [{ container: 'joined' }, 'box'],
  [{ container: 'hosts' }, hostname()],
  [{ container: 'orphan' }, undefined],
])('in the uts namespace %j', (uts, expected) => {
  expect(hostNameIn(uts, 'mine', find)).toBe(expected);
});
