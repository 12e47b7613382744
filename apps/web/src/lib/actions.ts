import type { ContainerStatus, Verb } from '@plimsoll/protocol';

export interface Action {
  name: 'start' | 'freeze' | 'thaw' | 'stop' | 'kill' | 'remove';
  label: string;
  verb: Extract<Verb, `container.${string}`>;
  /** The states that the agent accepts it in. */
  from: readonly ContainerStatus[];
  /** What it does to what runs inside: asked about once, where it cannot be taken back. */
  warning?: string;
}

export const ACTIONS: readonly Action[] = [
  { name: 'start', label: 'Start', verb: 'container.start', from: ['created', 'exited', 'failed'] },
  { name: 'freeze', label: 'Freeze', verb: 'container.freeze', from: ['running'] },
  { name: 'thaw', label: 'Thaw', verb: 'container.thaw', from: ['frozen'] },
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
    from: ['running', 'frozen', 'stopping'],
    warning: 'Every process inside ends at once, with no chance to save anything.',
  },
  {
    name: 'remove',
    label: 'Remove',
    verb: 'container.remove',
    from: ['created', 'exited', 'failed'],
    warning: 'Its files and its log are deleted. Its exit record stays.',
  },
];

export function actionsIn(status: ContainerStatus): Action[] {
  return ACTIONS.filter((action) => action.from.includes(status));
}
