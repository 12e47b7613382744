import { PlimsollError } from '@plimsoll/protocol';
import type { AgentClient } from '../../client/agent-client.ts';
import { connect } from '../../client/connect.ts';
import { stateRoot } from '../../state-root.ts';
import { printError } from '../error-report.ts';
import { print } from '../terminal.ts';
import { atLeastOne } from '../verb.ts';

/** Does the same to each container named, all at once; prints the names that it succeeded for. 1 where any failed. */
export async function onEach(
  containers: string[],
  act: (client: AgentClient, container: string) => Promise<unknown>,
): Promise<number> {
  atLeastOne(containers, 'one or more containers');
  using client = await connect(stateRoot());
  const results = await Promise.allSettled(containers.map((container) => act(client, container)));
  results.forEach((result, i) => {
    if (result.status === 'fulfilled') print(containers[i] ?? '');
    else if (result.reason instanceof PlimsollError) printError(result.reason);
    else throw result.reason;
  });
  return results.every(({ status }) => status === 'fulfilled') ? 0 : 1;
}
