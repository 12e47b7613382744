import type { ContainerState } from '@plimsoll/protocol';
import type { AgentRequests } from '../../client/agent-requests.ts';
import { OWN_FAILURE } from '../attend.ts';
import { defineVerb } from '../verb.ts';
import { onEach } from './on-each.ts';

/** An agent that is asked forgets a question with its connection: no single one is long. */
const ASK_MS = 30_000;

export const wait = defineVerb({
  usage: 'CONTAINER…',
  summary: 'wait until containers have ended, and print their exit codes',
  options: {},
  optionHelp: {},
  examples: ['wait job-1 job-2'],
  // All are requested at once: the end of a removed container is known for a minute only.
  run: (_, containers, context) =>
    onEach(context, containers, async (client, name) => String(await exitCode(client, name)), { atOnce: containers.length }),
});

async function exitCode(client: AgentRequests, container: string): Promise<number> {
  // Under its name another may be found later. One that has ended a moment ago is known by its name as well.
  const ended = await client.command('container.wait', { container, timeoutMs: 0 });
  if (ended !== null) return codeOf(ended.state);
  const { id } = await client.command('container.inspect', { container });
  for (;;) {
    const view = await client.command('container.wait', { container: id, timeoutMs: ASK_MS });
    if (view !== null) return codeOf(view.state);
  }
}

/** As docker has it, one that was never started has ended well. */
function codeOf(state: ContainerState): number {
  if (state.status === 'created') return 0;
  return state.status === 'exited' ? (state.exitCode ?? OWN_FAILURE) : OWN_FAILURE;
}
