import { addAbortListener } from 'node:events';
import { AgentRequests } from '../client/agent-requests.ts';
import type { AgentClient } from '../client/agent-client.ts';
import { stateRoot } from '../state-root.ts';
import type { Context } from './context.ts';

/** Commands to the agent of the environment's state root, given up when the command's output is lost: the verb ends then. */
export function connectAgent(context: Context): AgentRequests {
  return endWithOutput(context, new AgentRequests(stateRoot(context.environment)));
}

/** A live connection, for verbs that follow what happens. It is loaded for them alone. */
export async function followAgent(context: Context): Promise<AgentClient> {
  const { connect } = await import('../client/connect.ts');
  return endWithOutput(context, await connect(stateRoot(context.environment)));
}

function endWithOutput<T extends Disposable>({ outputLost }: Context, client: T): T {
  addAbortListener(outputLost, () => client[Symbol.dispose]());
  return client;
}
