'use client';

import type { ContainerView, GroupView } from '@plimsoll/protocol';
import { Plus } from 'lucide-react';
import { useEffect, useMemo, useState } from 'react';
import { countMembers } from '../../lib/group-state.ts';
import { Button } from '../button.tsx';
import { useContainers, useGroups, useLive } from '../live-provider.tsx';
import { CreateGroup } from './create-group.tsx';
import { GroupsTree } from './groups-tree.tsx';
import { NoGroups } from './no-groups.tsx';

interface PageProps {
  groups: readonly GroupView[];
  containers: readonly ContainerView[];
}

export function GroupsPage({ groups: initial, containers }: PageProps) {
  const table = useLive()?.table;
  useEffect(() => table?.watch(), [table]);
  const groups = useGroups(initial);
  const views = useContainers(containers);
  const members = useMemo(() => countMembers(views), [views]);
  const [creating, setCreating] = useState(false);
  return (
    <>
      <div className="flex flex-none flex-wrap items-center gap-2 px-4 py-3">
        <h1 className="mr-2 text-20 font-semibold tracking-tight">Groups</h1>
        <span className="flex-1" />
        <Button tone="primary" onClick={() => setCreating(true)}>
          <Plus aria-hidden size={16} />
          New group
        </Button>
      </div>
      {groups.length === 0 ? <NoGroups /> : <GroupsTree groups={groups} members={members} />}
      <CreateGroup open={creating} close={() => setCreating(false)} />
    </>
  );
}
