'use client';

import type { AlertRuleView, CommandInput, Verb } from '@plimsoll/protocol';
import { useConfirm } from '../confirm.tsx';
import { useLive } from '../live-provider.tsx';
import { useNotify, useNotifyError } from '../notices.tsx';

interface AlertActions {
  /** Absent: all. */
  acknowledge: (alerts?: string[]) => Promise<void>;
  enable: (rule: AlertRuleView, enabled: boolean) => Promise<void>;
  remove: (rule: AlertRuleView) => Promise<void>;
  test: (rule: AlertRuleView) => Promise<void>;
}

/** What can be done to rules and alerts. `changed`: called when something was, or may have been. */
export function useAlertActions(changed: () => void): AlertActions {
  const live = useLive();
  const confirm = useConfirm();
  const notify = useNotify();
  const notifyError = useNotifyError();
  async function give<V extends Verb>(verb: V, args: CommandInput<V>, what: string) {
    try {
      return await live?.connection.command(verb, args);
    } catch (error) {
      notifyError(error, what);
      return undefined;
    } finally {
      changed();
    }
  }
  return {
    acknowledge: async (alerts) => {
      await give('alert.acknowledge', alerts === undefined ? {} : { alerts }, 'Could not acknowledge');
    },
    enable: async ({ id, name }, enabled) => {
      await give('alert.update', { rule: id, enabled }, `Could not switch ${name} ${enabled ? 'on' : 'off'}`);
    },
    remove: async ({ id, name }) => {
      const description = 'What it has found stays in the list. Deliveries that are still to be made are given up.';
      if (!(await confirm({ title: `Remove rule ${name}?`, description, label: 'Remove' }))) return;
      await give('alert.remove', { rule: id }, `Could not remove ${name}`);
    },
    test: async ({ id, name }) => {
      const answer = await give('alert.test', { rule: id }, `Could not test ${name}`);
      if (answer === undefined) return;
      const { delivered, status, problem, tookMs, text } = answer;
      notify({
        id: `test ${id}`,
        title: delivered ? `Delivered a test of ${name}` : `A test of ${name} was not delivered`,
        description: delivered ? `It answered ${status} after ${tookMs} ms.` : [problem, text].filter(Boolean).join(': '),
        tone: delivered ? 'ice' : 'failed',
      });
    },
  };
}
