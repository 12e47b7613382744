import { Agent } from 'node:http';
import { ErrorBody, EVENTS, Hello, PlimsollError, PROTOCOL, requireReadable } from '@plimsoll/protocol';
import { io, type Socket } from 'socket.io-client';
import type { StateRoot } from '../state-root.ts';
import { AgentClient } from './agent-client.ts';
import { isShutDown, notRunning, readLocalCredential } from './local-credential.ts';

/** Long: on an overloaded host the agent is starved as well, and a freeze is needed most. */
const HELLO_DEADLINE_MS = 30_000;

/**
 * Connects to the agent of this state root as `local`, so for root alone. Throws `unavailable` where none is running and
 * `forbidden` for any other user. Once connected, it comes back by itself after a loss.
 */
export async function connect(state: StateRoot): Promise<AgentClient> {
  const credential = readLocalCredential(state);
  const socket = io('http://plimsoll', {
    path: '/socket.io',
    transports: ['websocket'],
    // An http.Agent's options are those of each request that it makes, socketPath among them.
    agent: new Agent({ socketPath: state.agentSocket } as object) as never,
    auth: (give) => give({ token: credential, protocol: PROTOCOL }),
    reconnectionDelay: 100,
    reconnectionDelayMax: 1000,
  });
  try {
    return new AgentClient(socket, await hello(socket, state), () => isShutDown(state));
  } catch (error) {
    socket.close();
    throw error;
  }
}

async function hello(socket: Socket, state: StateRoot): Promise<Hello> {
  const first = Promise.withResolvers<Hello>();
  const deadline = setTimeout(
    () => first.reject(new PlimsollError('unavailable', 'the agent does not answer')),
    HELLO_DEADLINE_MS,
  );
  const refused = (error: Error & { data?: unknown }): void => {
    const body = ErrorBody.safeParse(error.data);
    first.reject(body.success ? PlimsollError.from(body.data) : notRunning(state));
  };
  const received = (message: unknown): void => {
    const parsed = Hello.safeParse(message);
    if (parsed.success) {
      try {
        requireReadable('what the agent sends', parsed.data.protocol, PROTOCOL);
        first.resolve(parsed.data);
      } catch (error) {
        first.reject(error);
      }
    } else {
      first.reject(
        new PlimsollError('unavailable', 'the running agent is of another version', {
          hint: 'Restart it with `npm start`.',
          cause: parsed.error,
        }),
      );
    }
  };
  socket.once('connect_error', refused).once(EVENTS.hello, received);
  try {
    return await first.promise;
  } finally {
    clearTimeout(deadline);
    socket.off('connect_error', refused).off(EVENTS.hello, received);
  }
}
