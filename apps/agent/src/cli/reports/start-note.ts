import type { ContainerBrief } from '@plimsoll/protocol';
import type { Context } from '../context.ts';
import { complain } from './error-report.ts';

/** Says on stderr what holds a start up, and what a container has less than was asked for. */
export function noteOnStart(context: Context, { name, state, fallback }: ContainerBrief): void {
  if (state.status === 'starting' && state.frozenBy !== null) {
    const { frozenBy } = state;
    complain(context, `${name} starts when group ${frozenBy} is thawed: \`plimsoll group thaw ${frozenBy}\``);
  }
  if (fallback !== null) complain(context, `${name}: ${fallback}`);
}
