import { randomBytes } from 'node:crypto';
import { guarded } from '@plimsoll/core/guarded';
import {
  withCommandName,
  COMMANDS,
  CommandMessage,
  isVerb,
  parseRequest,
  PlimsollError,
  type Answer,
  type CommandArgs,
  type CommandDefinition,
  type CommandResult,
  type ErrorBody,
  type Verb,
} from '@plimsoll/protocol';
import { spanInWords } from '@plimsoll/protocol/quantities';
import type { Caller, Gatekeeper } from '../access/gatekeeper.ts';
import { diskError } from '../../disk-failure.ts';
import { typedName } from '../../command-link.ts';
import { resourceFailure } from '../../resource-failure.ts';
import { log } from '../log.ts';
import { changesSomething } from './changes-something.ts';
import type { EarlierAnswers } from './earlier-answer.ts';
import { requestKey, RequestTable } from './request-table.ts';
import { SessionPace } from './session-pace.ts';

/** What each verb does. A handler throws PlimsollError for whatever a person can do something about. */
export type Handlers = { [V in Verb]: (args: CommandArgs<V>, caller: Caller) => CommandResult<V> | Promise<CommandResult<V>> };

/** Told of each command before it is looked at further, `args` being whatever came; and then of its answer. */
export type Witness = (verb: Verb, args: unknown, caller: Caller) => (answer: Answer) => void;

/** The one way to a handler, whatever a command came over. */
export class Dispatcher {
  readonly #handlers: Handlers;
  readonly #gatekeeper: Gatekeeper;
  readonly #witness: Witness;
  readonly #pace = new SessionPace();
  readonly #requests = new RequestTable();
  readonly #earlier: Pick<EarlierAnswers, 'find'> | null;

  /** `earlier`: where commands are looked for that an agent before this one had executed. */
  constructor(
    handlers: Handlers,
    gatekeeper: Gatekeeper,
    witness: Witness = () => () => {},
    earlier: Pick<EarlierAnswers, 'find'> | null = null,
  ) {
    this.#handlers = handlers;
    this.#gatekeeper = gatekeeper;
    this.#witness = witness;
    this.#earlier = earlier;
  }

  /** Never throws: what goes wrong is in the answer. */
  async dispatch(message: unknown, caller: Caller): Promise<Answer> {
    try {
      const { verb, args, request } = parseRequest(CommandMessage, message, 'command');
      if (!isVerb(verb)) {
        throw new PlimsollError('bad-request', `there is no command "${verb}"`, {
          hint: 'Check that both sides have the same version.',
        });
      }
      const { repeat } = COMMANDS[verb] as CommandDefinition;
      if (request === undefined || repeat === 'freely') return await this.#execute(verb, args, caller);
      const key = requestKey(request, verb, args, caller);
      const execute = () => this.#execute(verb, args, repeat === 'once' ? { ...caller, request: key } : caller);
      return await this.#requests.once(key, repeat !== 'once', execute);
    } catch (error) {
      return { ok: false, error: toErrorBody(error) };
    }
  }

  async #execute(verb: Verb, args: unknown, caller: Caller): Promise<Answer> {
    let tell: (answer: Answer) => void = () => {};
    let answer: Answer;
    try {
      if (caller.who === 'user') this.#pace.count(caller.session, changesSomething(verb));
      tell = this.#witness(verb, args, caller);
      this.#gatekeeper.check(caller);
      if (COMMANDS[verb].who === 'local' && caller.who !== 'local') {
        throw new PlimsollError('forbidden', `${verb} is for root on the host`);
      }
      answer = { ok: true, result: await this.#run(verb, args, caller) };
    } catch (error) {
      answer = { ok: false, error: toErrorBody(error) };
    }
    tell(answer);
    return answer;
  }

  async #run<V extends Verb>(verb: V, input: unknown, caller: Caller): Promise<CommandResult<V>> {
    const { args, result, deadlineMs } = COMMANDS[verb];
    const handler: Handlers[V] = this.#handlers[verb];
    const parsed = parseRequest<unknown>(args, input, 'arguments') as CommandArgs<V>;
    const handled = this.#unlessEarlier(verb, caller, async () => await handler(parsed, caller));
    return result.parse(await before(deadlineMs, verb, handled)) as CommandResult<V>;
  }

  /**
   * A repeated command may fail before it reaches the supervisor, since the first one took effect: its name is taken, or what it
   * removes is gone. Its answer is then that of the first one.
   */
  async #unlessEarlier<T>(verb: Verb, { request }: Caller, handle: () => Promise<T>): Promise<T> {
    try {
      return await handle();
    } catch (error) {
      if (request === undefined || !isRefusal(error)) throw error;
      const earlier = await this.#earlier?.find(verb, request);
      if (earlier === undefined) throw error;
      return earlier as T;
    }
  }
}

function isRefusal(error: unknown): boolean {
  return error instanceof PlimsollError && ['conflict', 'not-found', 'wrong-state', 'bad-request'].includes(error.code);
}

async function before<T>(deadlineMs: number, verb: Verb, work: Promise<T>): Promise<T> {
  const deadline = Promise.withResolvers<never>();
  const expired = (): void => {
    deadline.reject(new PlimsollError('deadline-exceeded', `${verb} took longer than ${spanInWords(deadlineMs)}`));
  };
  const timer = setTimeout(guarded(`the deadline of ${verb}`, expired), deadlineMs);
  try {
    return await Promise.race([work, deadline.promise]);
  } finally {
    clearTimeout(timer);
  }
}

/** The funnel from anything thrown to what may cross a border. A surprise is logged under the id that the caller is told. */
export function toErrorBody(error: unknown): ErrorBody {
  if (error instanceof PlimsollError) return { ...error.toBody(), hint: withCommandName(error.hint, typedName()) };
  const outside = diskError(error) ?? resourceFailure(error);
  if (outside !== null) return toErrorBody(outside);
  const id = randomBytes(6).toString('hex');
  log('error', 'internal error', { id, error });
  return new PlimsollError('internal', `something went wrong inside Plimsoll (id ${id})`, { id }).toBody();
}
