import { readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { PlimsollError } from '@plimsoll/protocol';
import { z } from 'zod';
import type { AgentClient } from '../client/agent-client.ts';
import { connect } from '../client/connect.ts';
import { writeDurably } from '../durable-file.ts';
import type { StateRoot } from '../state-root.ts';
import { isListening } from '../launcher-socket.ts';
import { say } from './output.ts';

/** What <run>/web.json holds: where the dashboard is, and the launcher's pid. */
const WebInfo = z.object({ url: z.url(), pid: z.int() });

export async function writeWebInfo(state: StateRoot, url: string): Promise<void> {
  await writeDurably(state.webInfo, JSON.stringify({ url, pid: process.pid } satisfies z.infer<typeof WebInfo>));
}

/** The address of the dashboard with a one-time token. */
export async function signInUrl(agent: AgentClient, url: string): Promise<string> {
  const { token } = await agent.command('session.invite', {});
  return `${url}/sign-in?token=${encodeURIComponent(token)}`;
}

/** Another launcher holds the lock: prints a fresh link once that one is ready. Throws where it ends before. */
export async function pointToRunning(state: StateRoot, lock: string): Promise<void> {
  let text = await readWebInfo(state);
  if (text === undefined) say('Plimsoll is being started by another `npm start`: waiting for it …');
  while (text === undefined) {
    await delay(250);
    text = await readWebInfo(state);
    if (!(await isListening(lock))) throw new Error('the other `npm start` ended before Plimsoll was ready');
  }
  const { url, pid } = parseWebInfo(state.webInfo, text);
  using agent = await connect(state);
  say(`Plimsoll is running already (pid ${pid}).`);
  say(`Plimsoll is ready: ${await signInUrl(agent, url)}`);
}

/** It is the other launcher's, which uses it: it stays where it is. */
function parseWebInfo(path: string, text: string): z.infer<typeof WebInfo> {
  try {
    return WebInfo.parse(JSON.parse(text));
  } catch (cause) {
    throw new PlimsollError('unavailable', `Plimsoll is running already, but ${path} is damaged`, {
      hint: 'End the other `npm start` with Ctrl-C and start it again: containers go on.',
      cause,
    });
  }
}

function readWebInfo(state: StateRoot): Promise<string | undefined> {
  return readFile(state.webInfo, 'utf8').catch(() => undefined);
}
