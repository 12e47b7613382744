'use client';

import type { HostCgroup } from '@plimsoll/protocol';
import { ActionButton, usePending } from '../action-button.tsx';
import { ACTION_ICONS } from '../action-icons.ts';
import { useConfirm, type Question } from '../confirm.tsx';
import { useLive } from '../live-provider.tsx';
import { useNotifyError } from '../notices.tsx';

type Name = 'freeze' | 'thaw' | 'kill';

const LABELS: Readonly<Record<Name, string>> = { freeze: 'Freeze', thaw: 'Thaw', kill: 'Kill' };

const WARNINGS: Readonly<Record<Name, string>> = {
  freeze:
    'Every process in it and below it stops where it is until it is thawed. Whoever made it may wait for it, or restart it.',
  thaw: 'Every process in it and below it goes on. Whoever froze it may count on it being frozen.',
  kill: 'Every process in it and below it ends at once, with no chance to save anything. Whoever made it may start it again.',
};

/** Nobody asked Plimsoll to make it: each verb wants the path typed. */
export function CgroupActions({ cgroup }: { cgroup: HostCgroup }) {
  const act = useAct(cgroup);
  const isPending = usePending();
  const { path, frozen, populated, guarded } = cgroup;
  const button = (name: Name, reason: string | undefined) => (
    <ActionButton
      label={LABELS[name]}
      icon={ACTION_ICONS[name]}
      danger={name !== 'thaw'}
      busy={isPending(`cgroup ${path}`, name)}
      disabled={reason !== undefined}
      title={reason}
      act={() => void act(name)}
    />
  );
  const guard = guarded === null ? undefined : `Guarded: ${guarded}`;
  const cannotFreeze = frozen === null ? 'No hierarchy that has it can freeze' : undefined;
  return (
    <div role="toolbar" aria-label="Actions" className="flex flex-wrap gap-2">
      {button(frozen === true ? 'thaw' : 'freeze', guard ?? cannotFreeze)}
      {button('kill', guard ?? (populated ? undefined : 'There is no process in it'))}
    </div>
  );
}

function useAct({ path }: HostCgroup): (name: Name) => Promise<void> {
  const live = useLive();
  const confirm = useConfirm();
  const notifyError = useNotifyError();
  return async (name) => {
    if (live === null || !(await confirm(question(name, path)))) return;
    const { connection, kernel, pending } = live;
    const request = () => connection.command(`kernel.${name}`, { path, confirm: path });
    try {
      kernel.put(await pending.during(`cgroup ${path}`, name, request));
    } catch (error) {
      notifyError(error, `Could not ${name} ${path}`);
    }
  };
}

function question(name: Name, path: string): Question {
  return { title: `${LABELS[name]} a cgroup of the host?`, description: WARNINGS[name], label: LABELS[name], typed: path };
}
