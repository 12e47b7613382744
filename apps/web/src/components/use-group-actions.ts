'use client';

import { PlimsollError, type GroupView } from '@plimsoll/protocol';
import { useMemo } from 'react';
import { KILL_WARNING } from '../lib/actions.ts';
import { plural } from '../lib/format.ts';
import { countMembers, isInGroup, NO_MEMBERS } from '../lib/group-state.ts';
import { useConfirm, type Question } from './confirm.tsx';
import { useLive, type Live } from './live-provider.tsx';
import { useNotifyError } from './notices.tsx';

type GroupActionName = 'freeze' | 'thaw' | 'kill' | 'remove';

/** What `PendingActions` knows a group by. */
export function pendingGroup(path: string): string {
  return `group ${path}`;
}

/** The verbs for a whole group. Each resolves to whether it was done. */
export type GroupActions = Readonly<Record<GroupActionName, (path: string) => Promise<boolean>>>;

export function useGroupActions(): GroupActions {
  const live = useLive();
  const confirm = useConfirm();
  const notifyError = useNotifyError();
  return useMemo(() => (live === null ? IDLE : makeActions(live, confirm, notifyError)), [live, confirm, notifyError]);
}

const no = () => Promise.resolve(false);
const IDLE: GroupActions = { freeze: no, thaw: no, kill: no, remove: no };

type Confirm = (question: Question) => Promise<boolean>;
type NotifyError = (error: unknown, what: string) => void;

function makeActions(live: Live, confirm: Confirm, notifyError: NotifyError): GroupActions {
  const { connection, groups, pending } = live;
  async function attempt<T>(name: GroupActionName, path: string, work: () => Promise<T>): Promise<T | null> {
    try {
      return await pending.during(pendingGroup(path), name, work);
    } catch (error) {
      notifyError(error, `Could not ${name} group ${path}`);
      return null;
    }
  }
  function seen(group: GroupView | null): boolean {
    if (group !== null) groups.put(group);
    return group !== null;
  }

  const freeze = async (group: string) =>
    seen(await attempt('freeze', group, () => connection.command('group.freeze', { group })));

  async function thaw(group: string): Promise<boolean> {
    const view = groups.get(group);
    const above = view?.frozenBy ?? null;
    // Its own freeze is lifted first: then it runs as soon as the other group does.
    const own = view === undefined || view.frozenAt !== null;
    if (own && !seen(await attempt('thaw', group, () => connection.command('group.thaw', { group })))) return false;
    if (above === null) return own;
    return (await confirm(askForGroup(`group ${group}`, above))) && (await thaw(above));
  }

  async function kill(group: string): Promise<boolean> {
    const { alive } = countMembers(live.containers.all() ?? []).get(group) ?? NO_MEMBERS;
    const question = { title: `Kill ${plural(alive, 'container')} in group ${group}?`, description: KILL_WARNING, label: 'Kill' };
    if (!(await confirm(question))) return false;
    const done = await attempt('kill', group, () => connection.command('group.kill', { group }));
    return seen(done === null ? null : done.group);
  }

  async function remove(group: string): Promise<boolean> {
    const description = 'Its name, its limits and its cgroup go with it.';
    if (!(await confirm({ title: `Remove group ${group}?`, description, label: 'Remove' }))) return false;
    try {
      await pending.during(pendingGroup(group), 'remove', () => connection.command('group.remove', { group }));
      return true;
    } catch (error) {
      const holds = error instanceof PlimsollError && error.code === 'wrong-state';
      if (!holds) notifyError(error, `Could not remove group ${group}`);
      if (!holds || !(await confirm(askForForce(group, error.message)))) return false;
    }
    const force = () => connection.command('group.remove', { group, force: true });
    return (await attempt('remove', group, force)) !== null;
  }

  function askForForce(group: string, refusal: string): Question {
    const all = (live.containers.all() ?? []).filter((view) => isInGroup(view.group, group));
    const inner = (groups.all() ?? []).filter(({ path }) => path !== group && isInGroup(path, group));
    const holds = [all.length > 0 && plural(all.length, 'container'), inner.length > 0 && plural(inner.length, 'group')];
    return {
      title: 'It is not empty. Remove all that is in it?',
      description: `The agent refused: ${refusal}. By force everything in it is killed and removed, files and logs too.`,
      label: `Remove ${holds.filter((part) => part !== false).join(' and ') || 'all'}`,
    };
  }

  return { freeze, thaw, kill, remove };
}

/** Why something stays frozen, and what would help. */
export function askForGroup(what: string, group: string): Question {
  return {
    title: `Group ${group} is frozen`,
    description: `It holds all that is in it, ${what} too: nothing of it runs before the group is thawed.`,
    label: `Thaw group ${group}`,
    harmless: true,
  };
}
