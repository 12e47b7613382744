'use client';

import type { HostCgroup } from '@plimsoll/protocol';
import Link from 'next/link';
import { GroupLink } from '../group-link.tsx';
import { useChanges, useLive } from '../live-provider.tsx';

/** Where a cgroup is a container or a group of this Plimsoll: the page that has its verbs. */
export function OwnPage({ cgroup: { path, owner } }: { cgroup: HostCgroup }) {
  const live = useLive();
  useChanges(live?.containers.notifier);
  useChanges(live?.groups.notifier);
  if (owner !== 'plimsoll') return null;
  const container = live?.containers.all()?.find(({ cgroup }) => cgroup === path);
  const group = live?.groups.all()?.find(({ cgroup }) => cgroup === path);
  if (container === undefined && group === undefined) return null;
  return (
    <p className="text-13 text-ink-2">
      {container !== undefined && (
        <>
          This is container{' '}
          <Link href={`/containers/${container.id}`} className="text-accent underline-offset-2 hover:underline">
            {container.name}
          </Link>
        </>
      )}
      {group !== undefined && (
        <>
          This is group <GroupLink path={group.path} />
        </>
      )}
      : its own page freezes, thaws and kills it.
    </p>
  );
}
