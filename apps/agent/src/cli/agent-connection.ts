import { addAbortListener } from 'node:events';
import type { AgentClient } from '../client/agent-client.ts';
import { connect } from '../client/connect.ts';
import { stateRoot } from '../state-root.ts';
import type { Context } from './context.ts';

/**
 * Connects to the agent of the environment's state root. The connection closes when the command's output is lost: what
 * waits on it fails then, and the verb ends.
 */
export async function connectAgent({ environment, outputLost }: Context): Promise<AgentClient> {
  const client = await connect(stateRoot(environment));
  addAbortListener(outputLost, () => client[Symbol.dispose]());
  return client;
}
