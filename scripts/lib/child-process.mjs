import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { REPOSITORY, toolEnvironment } from './paths.mjs';

/** A child's output is a pipe, so it cannot know. */
export const COLOR = process.stdout.isTTY ? { FORCE_COLOR: '1' } : { NO_COLOR: '1' };
/** What a process group may still do after its first process has ended, such as to remove what its tests made. */
const GRACE_MS = 20_000;
const LOOK_AGAIN_MS = 20;

/**
 * Runs a program at the root of the repository, in a process group of its own. Aborting ends the group.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ output: import('./output.mjs').Output, signal: AbortSignal, environment?: NodeJS.ProcessEnv }} options
 * @returns {Promise<number | null>} exit code; null: a signal ended it
 */
export async function runProgram(command, args, { output, signal, environment = {} }) {
  signal.throwIfAborted();
  const child = spawn(command, args, {
    cwd: REPOSITORY,
    env: { ...toolEnvironment(), ...COLOR, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  const closed = once(child, 'close');
  // A program that cannot be started rejects both waits; the one for its exit is the one that is reported.
  closed.catch(() => {});
  const end = () => killGroup(child.pid, 'SIGTERM');
  signal.addEventListener('abort', end);
  for (const stream of [child.stdout, child.stderr]) createInterface({ input: stream }).on('line', output.line);
  try {
    const [code] = /** @type {[number | null]} */ (await once(child, 'exit'));
    for (const by = Date.now() + GRACE_MS; killGroup(child.pid, 0) && Date.now() < by;) await delay(LOOK_AGAIN_MS);
    killGroup(child.pid, 'SIGKILL');
    await closed;
    return code;
  } finally {
    killGroup(child.pid, 'SIGKILL');
    signal.removeEventListener('abort', end);
  }
}

/**
 * @param {number | undefined} group
 * @param {NodeJS.Signals | 0} signal
 * @returns {boolean} whether there is such a group
 */
function killGroup(group, signal) {
  try {
    return group !== undefined && process.kill(-group, signal);
  } catch {
    return false;
  }
}
