import { addAbortListener } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { ContainerBrief, parse, PlimsollError } from '@plimsoll/protocol';
import type { AgentRequests } from '../client/agent-requests.ts';
import { Attachment, type Attended } from '../client/attach.ts';
import { stateRoot } from '../state-root.ts';
import type { Context } from './context.ts';
import { OutputPrinter } from './reports/print-output.ts';

/** As docker has it: the runtime's own failure, while the command's own exit code is passed on. */
export const OWN_FAILURE = 125;
/** Deadline of one `container.wait` request; the request is repeated until the container has ended. */
const MOST_WAIT_MS = 30_000;
/** Of an agent that may be away. */
const REMOVE_WITHIN_MS = 2000;
/** `run` starts it for the first time. */
const INCARNATION = 1;

export interface AttendOptions {
  /** This command's standard input becomes the container's. */
  stdin: boolean;
  /** Remove it when its last output is written. */
  remove: boolean;
}

/** Passes on a container's output, and its input with `-i`, until the container has ended. Returns the exit code for the shell. */
export async function attend(
  context: Context,
  client: AgentRequests,
  { id }: ContainerBrief,
  { stdin, remove }: AttendOptions,
): Promise<number> {
  // SIGPIPE would end a process that the shell had started itself.
  using _ = addAbortListener(context.outputLost, () => {
    client.command('container.kill', { container: id }).catch(() => {});
  });
  const printer = new OutputPrinter(context);
  using attachment = new Attachment({
    state: stateRoot(context.environment),
    container: id,
    incarnation: INCARNATION,
    stdin: stdin ? context.stdin : null,
    write: async (stream, bytes) => await printer.write(stream, bytes),
    signal: client.disposed,
  });
  const end = await untilEnd(attachment);
  await printer.end();
  const record = end?.record ?? null;
  const view = record === null ? await lastView(client, id) : parse(ContainerBrief, record, 'end of a container');
  // The supervisor does it where no agent is there: this command's connection is closed then.
  if (remove) await Promise.race([removeEnded(client, id), delay(REMOVE_WITHIN_MS, undefined, { ref: false })]);
  return exitCodeOf(context, view, end);
}

/** Null: it was removed while no supervisor was there, or its client came too late. How it ended may be known still. */
async function untilEnd(attachment: Attachment): Promise<Attended | null> {
  try {
    return await attachment.untilEnd();
  } catch (error) {
    if (error instanceof PlimsollError && error.code === 'not-found') return null;
    throw error;
  }
}

/** How the command ended is not changed by a removal that fails. */
async function removeEnded(client: AgentRequests, container: string): Promise<void> {
  try {
    await client.command('container.remove', { container });
  } catch (error) {
    if (!(error instanceof PlimsollError)) throw error;
  }
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

function exitCodeOf(context: Context, view: ContainerBrief | null, end: Attended | null): number {
  const failed = (why: string): number => {
    context.stderr.write(`plimsoll run: ${why}\n`);
    return OWN_FAILURE;
  };
  const { lostBytes, isUncertain, inputProblem } = end ?? { lostBytes: 0, isUncertain: false, inputProblem: null };
  if (lostBytes > 0) return failed(`${lostBytes} bytes of its output are missing: their record is lost, or overwritten`);
  if (isUncertain) return failed('output may be missing: the supervisor was killed while it read it, or its record is lost');
  if (inputProblem !== null) return failed(inputProblem);
  if (view?.state.status === 'exited' && view.state.exitCode !== null) return view.state.exitCode;
  return failed(whyNoExitCode(view));
}

function whyNoExitCode(view: ContainerBrief | null): string {
  if (view === null) return 'the container was removed while it ran';
  return view.state.status === 'failed' ? view.state.error.message : 'how the container ended is not known';
}
