import { IDS_IN_A_RANGE } from '@plimsoll/core';
import { PlimsollError, type CreateContainer, type NamespaceMode } from '@plimsoll/protocol';
import type { Identity } from './accounts.ts';
import { originOf, type FindContainer } from './namespaces.ts';

/** Throws `bad-request` for an id that a container's user namespace does not have: the kernel gives it to nobody in it. */
export function requireMapped(
  { uid, gid, additionalGids }: Identity,
  { tmpfs }: Pick<CreateContainer, 'tmpfs'>,
  { user, find }: { user: NamespaceMode; find: FindContainer },
): void {
  if (user !== 'private' && originOf(user, 'user', find) === 'host') return;
  const ids = [
    ['user', uid],
    ['user', gid],
    ...additionalGids.map((id) => ['groups', id] as const),
    ...tmpfs.flatMap((one, i) => [one.uid, one.gid].map((id) => [`tmpfs.${i}`, id ?? 0] as const)),
  ] as const;
  const [field, id] = ids.find(([, one]) => one >= IDS_IN_A_RANGE) ?? [];
  if (field === undefined) return;
  throw new PlimsollError('bad-request', `${id} is none of the ${IDS_IN_A_RANGE} ids of the container's user namespace`, {
    field,
    hint: `Give an id up to ${IDS_IN_A_RANGE - 1}, or the host's user namespace as well (--userns host).`,
  });
}
