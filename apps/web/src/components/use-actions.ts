'use client';

import type { ContainerView } from '@plimsoll/protocol';
import { useCallback } from 'react';
import { takes, type Action } from '../lib/actions.ts';
import { plural } from '../lib/format.ts';
import { heldBy, isHeldByGroupAlone } from '../lib/state-in-words.ts';
import { useConfirm } from './confirm.tsx';
import { useLive } from './live-provider.tsx';
import { useNotifyError } from './notices.tsx';
import { askForGroup, useGroupActions } from './use-group-actions.ts';

/** Commands under way at once for a bulk action: well below what the agent takes from one connection. */
const AT_ONCE = 16;
/** More errors than this are told as a number. */
const ERRORS_SHOWN = 2;

/** Does an action to containers that are in a state for it; asks first where it cannot be taken back. Resolves to whether it was done to all. */
export function useActions(): (action: Action, views: readonly ContainerView[]) => Promise<boolean> {
  const live = useLive();
  const confirm = useConfirm();
  const notifyError = useNotifyError();
  const groups = useGroupActions();
  return useCallback(
    async (action, views) => {
      const ready = views.filter((view) => takes(action, view.state));
      const [first] = ready;
      if (live === null || first === undefined) return false;
      /** Where its group holds it a thaw of its own does not help: the group's is offered. */
      const thawGroupOf = async (view: ContainerView) => {
        const group = heldBy(view);
        return group === null || ((await confirm(askForGroup(view.name, group))) && (await groups.thaw(group)));
      };
      if (action.name === 'thaw' && ready.length === 1 && isHeldByGroupAlone(first)) return thawGroupOf(first);
      if (action.warning !== undefined && !(await confirm(question(action, action.warning, ready)))) return false;

      const { pending, connection, containers } = live;
      const failures: { view: ContainerView; error: unknown }[] = [];
      const queue = [...ready];
      async function work(): Promise<void> {
        for (let view = queue.shift(); view !== undefined; view = queue.shift()) {
          const { id } = view;
          try {
            const done = await pending.during(id, action.name, () => connection.command(action.verb, { container: id }));
            if (isView(done)) containers.put(done);
          } catch (error) {
            failures.push({ view, error });
          }
        }
      }
      await Promise.all(Array.from({ length: AT_ONCE }, work));
      const verb = action.label.toLowerCase();
      for (const { view, error } of failures.slice(0, ERRORS_SHOWN)) notifyError(error, `Could not ${verb} ${view.name}`);
      if (failures.length > ERRORS_SHOWN) {
        notifyError(failures[0]?.error, `Could not ${verb} ${plural(failures.length, 'container')} of ${ready.length}`);
      }
      if (failures.length > 0) return false;
      return action.name === 'thaw' && ready.length === 1 ? thawGroupOf(containers.get(first.id) ?? first) : true;
    },
    [live, confirm, notifyError, groups],
  );
}

/** Removing is answered with nothing. */
function isView(done: ContainerView | object): done is ContainerView {
  return 'state' in done;
}

function question({ label }: Action, warning: string, views: readonly ContainerView[]) {
  const [only] = views;
  const what = views.length === 1 && only !== undefined ? only.name : plural(views.length, 'container');
  return { title: `${label} ${what}?`, description: warning, label };
}
