import {
  Answer,
  COMMANDS,
  parse,
  PlimsollError,
  type CommandInput,
  type CommandResult,
  type ErrorBody,
  type Verb,
} from '@plimsoll/protocol';
import { headers } from 'next/headers';
import { redirect } from 'next/navigation';
import { requestAgent } from '../../server/agent-request.ts';

export type Asked<V extends Verb> = { ok: true; result: CommandResult<V> } | { ok: false; error: ErrorBody };

/**
 * Gives a command on behalf of the page's viewer while it renders on the server. Errors of the agent, its absence among them, are
 * answers that a page shows; a session that has ended leads to the sign-in page.
 */
export async function askAgent<V extends Verb>(verb: V, args: CommandInput<V>): Promise<Asked<V>> {
  const session = (await headers()).get('authorization')?.replace('Bearer ', '') ?? '';
  const asked = await send(verb, args, session);
  if (!asked.ok && asked.error.code === 'unauthorized') redirect('/sign-in?problem=expired');
  return asked;
}

async function send<V extends Verb>(verb: V, args: CommandInput<V>, session: string): Promise<Asked<V>> {
  try {
    const { body } = await requestAgent(process.env['PLIMSOLL_AGENT_SOCKET'] ?? '', {
      method: 'POST',
      path: '/v1/command',
      session,
      body: { verb, args },
      deadlineMs: COMMANDS[verb].deadlineMs,
    });
    const answer = parse(Answer, body, 'answer of the agent');
    if (!answer.ok) return answer;
    return { ok: true, result: parse<unknown>(COMMANDS[verb].result, answer.result, `answer to ${verb}`) as CommandResult<V> };
  } catch (error) {
    const known =
      error instanceof PlimsollError ? error : new PlimsollError('unavailable', 'The agent cannot be reached.', { cause: error });
    return { ok: false, error: known.toBody() };
  }
}
