import { hostname } from 'node:os';
import { PlimsollError, type NamespaceMode } from '@plimsoll/protocol';
import type { FindContainer, Neighbour } from './namespaces.ts';

/**
 * The host name that a container sees in its uts namespace: `own` in one of its own, else the host's, or that of the container
 * which the namespace was made for. Undefined: that container has been removed.
 */
export function hostNameIn(uts: NamespaceMode, own: string, find: FindContainer): string | undefined {
  if (uts === 'private') return own;
  if (uts === 'host') return hostname();
  const neighbour = findOrNone(uts.container, find);
  return neighbour && hostNameIn(neighbour.isolation.namespaces.uts, neighbour.hostname, find);
}

function findOrNone(ref: string, find: FindContainer): Neighbour | undefined {
  try {
    return find(ref);
  } catch (error) {
    if (error instanceof PlimsollError && error.code === 'not-found') return undefined;
    throw error;
  }
}
