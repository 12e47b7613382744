import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { loadCommand, PlimsollError, type HostReport } from '@plimsoll/protocol';
import { stateRoot } from '../../state-root.ts';
import { connectAgent } from '../agent-connection.ts';
import type { Context } from '../context.ts';
import { print, printJson } from '../reports/terminal.ts';
import { defineVerb, none } from '../verb.ts';

const CONNECT_DEADLINE_MS = 2000;
const END_DEADLINE_MS = 10_000;
const LOOK_AGAIN_MS = 20;

export const shutdown = defineVerb({
  usage: '[--json]',
  summary: 'stop every container, and Plimsoll itself',
  options: { json: { type: 'boolean', default: false } },
  optionHelp: { json: 'as a JSON object' },
  async run({ json }, positionals, context) {
    none(positionals);
    if (process.geteuid?.() !== 0) {
      throw new PlimsollError('forbidden', 'only root may shut Plimsoll down', { hint: 'Put `sudo` before the command.' });
    }
    const { stopped, pids } = (await throughAgent(context)) ?? (await throughSupervisor(context));
    // Whoever starts it again right after this must find the sockets free.
    for (const pid of pids) await untilGone(pid);
    if (json) {
      printJson(context, { stopped });
    } else {
      print(
        context,
        stopped === 1
          ? 'Plimsoll is shut down; 1 container was stopped.'
          : `Plimsoll is shut down; ${stopped} containers were stopped.`,
      );
    }
    return 0;
  },
});

interface Outcome {
  stopped: number;
  pids: number[];
}

/** Null: there is no agent, or none that is of any use. */
async function throughAgent(context: Context): Promise<Outcome | null> {
  const report = await reportOf(context);
  if (report === null) return null;
  const { agentPid, supervisorPid } = report;
  using client = connectAgent(context);
  try {
    const { stopped } = await client.command('host.shutdown', {});
    return { stopped, pids: [agentPid, supervisorPid] };
  } catch (error) {
    if (!(error instanceof PlimsollError) || error.code !== 'unavailable') throw error;
    throw new PlimsollError('unavailable', 'the supervisor is not running, so containers cannot be stopped', {
      hint: 'Run `npm start`, which brings it back, and shut down then.',
      cause: error,
    });
  }
}

async function reportOf(context: Context): Promise<HostReport | null> {
  try {
    using client = connectAgent(context);
    return await client.command('host.report', {});
  } catch (error) {
    if (error instanceof PlimsollError && error.code === 'unavailable') return null;
    throw error;
  }
}

/** The supervisor outlives the agent, and so must the way to end it. */
async function throughSupervisor({ environment }: Context): Promise<Outcome> {
  const { SupervisorLink } = await import('../../agent/supervisor-link.ts');
  using supervisor = new SupervisorLink(stateRoot(environment).supervisorSocket);
  const connected = once(supervisor, 'connected', { signal: AbortSignal.timeout(CONNECT_DEADLINE_MS) });
  supervisor.open();
  let pid: number;
  try {
    [{ pid }] = (await connected) as [{ pid: number }];
  } catch (error) {
    throw new PlimsollError('unavailable', 'Plimsoll is not running', { hint: '', cause: error });
  }
  const { deadlineMs } = await loadCommand('host.shutdown');
  const { stopped } = await supervisor.request('shutdown', {}, deadlineMs);
  return { stopped, pids: [pid] };
}

/** Neither is a child of this process, so that there is nothing to wait on but the pid. */
async function untilGone(pid: number): Promise<void> {
  const deadline = performance.now() + END_DEADLINE_MS;
  while (isThere(pid) && performance.now() < deadline) await delay(LOOK_AGAIN_MS);
}

function isThere(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
