import { addAbortListener } from 'node:events';
import { ContainerBrief, parse, PlimsollError, type LogChunk } from '@plimsoll/protocol';
import type { AgentRequests } from '../client/agent-requests.ts';
import type { Context } from './context.ts';
import { printLog } from './reports/print-log.ts';

/** As docker has it: the runtime's own failure, while the command's own exit code is passed on. */
export const OWN_FAILURE = 125;
/** Of one question; it is asked again. */
const MOST_WAIT_MS = 30_000;

/** How a container's end was seen: the exit code for the shell, and whether it is removed already. */
interface Ending {
  exitCode: number;
  isRemoved: boolean;
}

/** Passes on a container's output until it has ended. */
export async function attend(context: Context, client: AgentRequests, { id }: ContainerBrief): Promise<Ending> {
  // SIGPIPE would end a process that the shell had started itself.
  using _ = addAbortListener(context.outputLost, () => {
    client.command('container.kill', { container: id }).catch(() => {});
  });
  let end: LogChunk | null = null;
  const onEnd = (chunk: LogChunk): void => void (end = chunk);
  try {
    for await (const batch of client.logs({ container: id, follow: true }, { attend: true, onEnd })) {
      if (context.outputLost.aborted) break;
      await printLog(context, batch);
    }
  } catch (error) {
    // It was removed while no agent was there: how it ended may be known still.
    if (!(error instanceof PlimsollError) || error.code !== 'not-found') throw error;
  }
  const { last, isRemoved } = readEnd(end);
  const view = last ?? (await lastView(client, id));
  if (view?.state.status === 'exited' && view.state.exitCode !== null) return { exitCode: view.state.exitCode, isRemoved };
  context.stderr.write(`plimsoll run: ${whyNoExitCode(view)}\n`);
  return { exitCode: OWN_FAILURE, isRemoved };
}

/** What the end of the log says about the container. */
function readEnd(end: LogChunk | null): { last: ContainerBrief | null; isRemoved: boolean } {
  if (end?.last === undefined) return { last: null, isRemoved: false };
  return { last: parse(ContainerBrief, end.last, 'end of a log'), isRemoved: end.removed === true };
}

/** Resolves when it has ended. Null: it was removed, some time ago. */
async function lastView(client: AgentRequests, container: string): Promise<ContainerBrief | null> {
  try {
    for (;;) {
      const view = await client.command('container.wait', { container, timeoutMs: MOST_WAIT_MS });
      if (view !== null) return view;
    }
  } catch (error) {
    if (error instanceof PlimsollError && error.code === 'not-found') return null;
    throw error;
  }
}

function whyNoExitCode(view: ContainerBrief | null): string {
  if (view === null) return 'the container was removed while it ran';
  return view.state.status === 'failed' ? view.state.error.message : 'how the container ended is not known';
}
