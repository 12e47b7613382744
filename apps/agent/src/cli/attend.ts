import { addAbortListener } from 'node:events';
import { PlimsollError, type ContainerView } from '@plimsoll/protocol';
import type { AgentRequests } from '../client/agent-requests.ts';
import type { Context } from './context.ts';
import { printLog } from './reports/print-log.ts';

/** As docker has it: the runtime's own failure, while the command's own exit code is passed on. */
export const OWN_FAILURE = 125;
/** Of one question; it is asked again. */
const MOST_WAIT_MS = 30_000;

/** Passes on a container's output until it has ended; its exit code. */
export async function attend(context: Context, client: AgentRequests, { id }: ContainerView): Promise<number> {
  // SIGPIPE would end a process that the shell had started itself.
  using _ = addAbortListener(context.outputLost, () => {
    client.command('container.kill', { container: id }).catch(() => {});
  });
  for await (const batch of client.logs({ container: id, follow: true }, { attend: true })) {
    if (context.outputLost.aborted) break;
    await printLog(context, batch);
  }
  const view = await lastView(client, id);
  if (view?.state.status === 'exited' && view.state.exitCode !== null) return view.state.exitCode;
  context.stderr.write(`plimsoll run: ${whyNoExitCode(view)}\n`);
  return OWN_FAILURE;
}

/** Resolves when it has ended. Null: it was removed, some time ago. */
async function lastView(client: AgentRequests, container: string): Promise<ContainerView | null> {
  try {
    for (;;) {
      const view = await client.persistently(() => client.command('container.wait', { container, timeoutMs: MOST_WAIT_MS }));
      if (view !== null) return view;
    }
  } catch (error) {
    if (error instanceof PlimsollError && error.code === 'not-found') return null;
    throw error;
  }
}

function whyNoExitCode(view: ContainerView | null): string {
  if (view === null) return 'the container was removed while it ran';
  return view.state.status === 'failed' ? view.state.error.message : 'how the container ended is not known';
}
