import { PlimsollError } from '@plimsoll/protocol';
import type { AgentClient } from '../../client/agent-client.ts';
import { connectAgent } from '../agent-connection.ts';
import type { Context } from '../context.ts';
import { printError } from '../error-report.ts';
import { print } from '../terminal.ts';
import { atLeastOne } from '../verb.ts';

/** Does the same to each container or group named, all at once; prints the names that it succeeded for. 1 where any failed. */
export async function onEach(
  context: Context,
  names: string[],
  act: (client: AgentClient, name: string) => Promise<unknown>,
  what = 'one or more containers',
): Promise<number> {
  atLeastOne(names, what);
  using client = await connectAgent(context);
  const results = await Promise.allSettled(names.map((name) => act(client, name)));
  results.forEach((result, i) => {
    if (result.status === 'fulfilled') print(context, names[i] ?? '');
    else if (result.reason instanceof PlimsollError) printError(context, result.reason);
    else throw result.reason;
  });
  return results.every(({ status }) => status === 'fulfilled') ? 0 : 1;
}
