import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { existsSync } from 'node:fs';
import { promisify } from 'node:util';
import { isFull } from '../disk-failure.ts';
import { makeLink } from '../command-link.ts';
import { NO_DEBUGGER } from '../node-options.ts';
import { stateRoot, type StateRoot } from '../state-root.ts';
import { COMPILE_CACHE } from './environment.ts';
import { say } from './output.ts';

const AGENT = join(import.meta.dirname, '../..');
const BUNDLE = join(AGENT, 'dist/main.cjs');
const run = promisify(execFile);

/** Bundles the command line from the sources that are about to run. Throws with what the bundler says. */
export async function bundleCommandLine(): Promise<void> {
  try {
    await run(process.execPath, [NO_DEBUGGER, join(AGENT, 'scripts/bundle.mjs')]);
  } catch (error) {
    if (!isFull(AGENT) || !existsSync(BUNDLE)) throw error;
    say('The command line could not be bundled: the disk is full. The bundle of the last start is used.');
  }
}

/** Puts `plimsoll` where every shell finds it, for the Plimsoll that needs no PLIMSOLL_ROOT. */
export function linkCommand(state: StateRoot): void {
  if (state.lib !== stateRoot({}).lib) return;
  const news = makeLink();
  if (news !== null) say(news);
}

/** Leaves compiled code behind: otherwise the first command that somebody types would compile it. */
export async function warmCommandLine(): Promise<void> {
  await run(process.execPath, [NO_DEBUGGER, BUNDLE, 'ps'], { env: { ...process.env, ...COMPILE_CACHE } });
}
