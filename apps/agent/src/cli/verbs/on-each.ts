import { PlimsollError } from '@plimsoll/protocol';
import type { AgentRequests } from '../../client/agent-requests.ts';
import { connectAgent } from '../agent-connection.ts';
import type { Context } from '../context.ts';
import { printError } from '../reports/error-report.ts';
import { print } from '../reports/terminal.ts';
import { atLeastOne } from '../verb.ts';

/** Of a thousand names, each a connection of its own. */
const MOST_AT_ONCE = 32;

interface Manner {
  /** What is to be named where nothing is. */
  what?: string;
  atOnce?: number;
}

/**
 * Does the same to each container or group named, many at once; prints, in their order, the names that it succeeded for, or the text
 * that `act` resolves with. 1 where any failed.
 */
export async function onEach(
  context: Context,
  names: string[],
  act: (client: AgentRequests, name: string) => Promise<unknown>,
  { what = 'one or more containers', atOnce = MOST_AT_ONCE }: Manner = {},
): Promise<number> {
  atLeastOne(names, what);
  using client = connectAgent(context);
  const results: PromiseSettledResult<unknown>[] = [];
  const queue = names.entries();
  const work = async (): Promise<void> => {
    for (const [i, name] of queue) [results[i]] = await Promise.allSettled([act(client, name)]);
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  // An option that is wrong is so for all of them.
  const wrong = results.find((result) => result.status === 'rejected' && isAboutOption(result.reason));
  if (wrong?.status === 'rejected') throw wrong.reason;
  results.forEach((result, i) => {
    if (result.status === 'fulfilled') print(context, typeof result.value === 'string' ? result.value : (names[i] ?? ''));
    else if (result.reason instanceof PlimsollError) printError(context, result.reason);
    else throw result.reason;
  });
  return results.every(({ status }) => status === 'fulfilled') ? 0 : 1;
}

/** Whether the agent has refused something else than the name. */
function isAboutOption(error: unknown): boolean {
  const names = ['container', 'group', 'name', 'rule'];
  return (
    error instanceof PlimsollError && error.code === 'bad-request' && error.field !== undefined && !names.includes(error.field)
  );
}
