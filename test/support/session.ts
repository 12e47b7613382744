import { post } from './wire.ts';
import type { World } from './world.ts';

/** Gives a command as a signed-in browser does, through the web process. */
export type Session = (verb: string, args: unknown) => Promise<{ status: number; answer: unknown }>;

/** Takes an invitation up, as the link that `npm start` prints does. */
export async function signIn(world: World): Promise<Session> {
  const { token } = await (await world.client()).command('session.invite', {});
  const socket = world.state.agentSocket;
  const signedIn = await post(socket, '/v1/sessions', JSON.stringify({ token }));
  const { session } = JSON.parse(signedIn?.text ?? '') as { session: string };
  return async (verb, args) => {
    const answer = await post(socket, '/v1/command', JSON.stringify({ verb, args }), { authorization: `Bearer ${session}` });
    if (answer === null) throw new Error(`${verb}: the agent closed the connection`);
    return { status: answer.status, answer: JSON.parse(answer.text) as unknown };
  };
}
