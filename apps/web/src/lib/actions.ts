import type { ContainerState, ContainerStatus, Verb } from '@plimsoll/protocol';

type ActionName = 'start' | 'freeze' | 'thaw' | 'stop' | 'kill' | 'remove';

export interface Action {
  name: ActionName;
  label: string;
  verb: Extract<Verb, `container.${ActionName}`>;
  /** The states in which it means something. */
  from: readonly ContainerStatus[];
  /** What it does to what runs inside: asked about once, where it cannot be taken back. */
  warning?: string;
}

export const KILL_WARNING = 'Every process inside ends at once, with no chance to save anything.';

export const ACTIONS: readonly Action[] = [
  { name: 'start', label: 'Start', verb: 'container.start', from: ['created', 'exited', 'failed'] },
  { name: 'freeze', label: 'Freeze', verb: 'container.freeze', from: ['running'] },
  { name: 'thaw', label: 'Thaw', verb: 'container.thaw', from: ['frozen', 'starting'] },
  {
    name: 'stop',
    label: 'Stop',
    verb: 'container.stop',
    from: ['running', 'frozen'],
    warning: 'It is asked to end, and killed after 10 seconds if it has not.',
  },
  {
    name: 'kill',
    label: 'Kill',
    verb: 'container.kill',
    from: ['starting', 'running', 'frozen', 'stopping'],
    warning: KILL_WARNING,
  },
  {
    name: 'remove',
    label: 'Remove',
    verb: 'container.remove',
    from: ['created', 'exited', 'failed'],
    warning: 'Its files and its log are deleted. Its exit record stays.',
  },
];

/** Whether there is something to do. A start takes milliseconds, unless it waits for a frozen group: to thaw, or not to. */
export function takes({ from }: Action, state: ContainerState): boolean {
  return from.includes(state.status) && (state.status !== 'starting' || state.frozenBy !== null);
}

export function actionsIn(state: ContainerState): Action[] {
  return ACTIONS.filter((action) => takes(action, state));
}
