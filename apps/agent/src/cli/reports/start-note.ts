import type { ContainerView } from '@plimsoll/protocol';
import type { Context } from '../context.ts';

/** Says on stderr what holds a start up, and what a container has less than was asked for. */
export function noteOnStart({ stderr }: Context, { name, state, fallback }: ContainerView): void {
  if (state.status === 'starting' && state.frozenBy !== null) {
    const { frozenBy } = state;
    stderr.write(`${name} starts when group ${frozenBy} is thawed: plimsoll group thaw ${frozenBy}\n`);
  }
  if (fallback !== null) stderr.write(`${name}: ${fallback}\n`);
}
