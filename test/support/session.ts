import { post } from './wire.ts';
import type { World } from './world.ts';

/** Gives a command as a signed-in browser does, through the web process. */
export type Session = (verb: string, args: unknown) => Promise<{ status: number; answer: unknown }>;

/** The token of a session that has just begun. */
export async function newSession(world: World): Promise<string> {
  const { token } = await (await world.client()).command('session.invite', {});
  const signedIn = await post(world.state.webSocket, '/v1/sessions', JSON.stringify({ token }));
  return (JSON.parse(signedIn?.text ?? '') as { session: string }).session;
}

/** Takes an invitation up, as the link that `npm start` prints does. */
export async function signIn(world: World): Promise<Session> {
  const socket = world.state.webSocket;
  const session = await newSession(world);
  return async (verb, args) => {
    const answer = await post(socket, '/v1/command', JSON.stringify({ verb, args }), { authorization: `Bearer ${session}` });
    if (answer === null) throw new Error(`${verb}: the agent closed the connection`);
    return { status: answer.status, answer: JSON.parse(answer.text) as unknown };
  };
}
