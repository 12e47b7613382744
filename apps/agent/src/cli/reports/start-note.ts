import type { ContainerBrief } from '@plimsoll/protocol';
import type { Context } from '../context.ts';
import { complain } from './error-report.ts';

/** Prints on stderr what delays a start, which requested settings a container lacks, and what the agent notes on its command. */
export function noteOnStart(context: Context, { name, state, fallback, unmapped = [], note }: ContainerBrief): void {
  if (state.status === 'starting' && state.frozenBy !== null) {
    const { frozenBy } = state;
    complain(context, `${name} starts when group ${frozenBy} is thawed: \`plimsoll group thaw ${frozenBy}\``);
  }
  if (fallback !== null) complain(context, `${name}: ${fallback}`);
  if (note !== undefined) complain(context, `${name}: ${note}`);
  for (const source of unmapped) {
    complain(
      context,
      `${name}: the files of ${source} belong to nobody inside: its file system, or one mounted below it, cannot show other ids`,
    );
  }
}
