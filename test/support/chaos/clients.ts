import type { CommandInput, ContainerView, Verb } from '@plimsoll/protocol';
import { AgentRequests } from '../../../apps/agent/src/client/agent-requests.ts';
import { connect } from '../../../apps/agent/src/client/connect.ts';
import type { World } from '../world.ts';

/** Commands on one container or group that change it. */
type Change = Extract<
  Verb,
  `container.${'start' | 'stop' | 'restart' | 'kill' | 'rename' | 'freeze' | 'thaw' | 'remove'}` | `group.${'freeze' | 'thaw'}`
>;

/** A client of the agent. Each change has a request id, under which the client repeats it after a lost connection. */
export interface Client extends Disposable {
  change<V extends Change>(verb: V, args: CommandInput<V>): Promise<unknown>;
}

/** The three kinds of client that there are: HTTP requests, a live connection, and the command line. */
export const CLIENTS: readonly ((world: World) => Promise<Client>)[] = [
  async ({ state }) => {
    const requests = new AgentRequests(state);
    return { change: (verb, args) => requests.command(verb, args), [Symbol.dispose]: () => requests[Symbol.dispose]() };
  },
  async ({ state }) => {
    const live = await connect(state);
    return { change: (verb, args) => live.command(verb, args), [Symbol.dispose]: () => live[Symbol.dispose]() };
  },
  async (world) => ({
    change: async (verb, args) => {
      const words = wordsOf(verb, args);
      const { code, stderr } = await world.plimsoll(...words);
      if (code !== 0) throw new Error(`plimsoll ${words.join(' ')} ended with ${code}: ${stderr}`);
    },
    [Symbol.dispose]: () => {},
  }),
];

function wordsOf(verb: Change, args: object): string[] {
  const { container, group, name, force } = args as { container?: string; group?: string; name?: string; force?: boolean };
  const [area = '', action = ''] = verb.split('.');
  if (area === 'group') return ['group', action, group ?? ''];
  if (action === 'remove') return ['rm', ...(force === true ? ['-f'] : []), container ?? ''];
  return [action, container ?? '', ...(name === undefined ? [] : [name])];
}

/** Resolves with the view of a container that has ended. */
export async function untilEnded(requests: AgentRequests, container: string): Promise<ContainerView> {
  for (;;) {
    const view = await requests.command('container.wait', { container, timeoutMs: 20_000 });
    if (view !== null) return view;
  }
}
