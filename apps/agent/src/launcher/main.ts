import { PlimsollError } from '@plimsoll/protocol';
import { launcherSocket } from '../launcher-socket.ts';
import { stateRoot } from '../state-root.ts';
import { clearPath } from '../stores/clear-path.ts';
import { makeStateDirectories } from '../stores/state-directories.ts';
import { launch } from './launch.ts';
import { acquireLock } from './lock.ts';
import { pointToRunning } from './running-already.ts';

const interruption = new AbortController();
for (const event of ['SIGINT', 'SIGTERM', 'SIGHUP', 'disconnect'] as const) process.on(event, () => interruption.abort());
process.channel?.unref();

// Their disk may be full; an error without a listener would end the process.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});

async function main(): Promise<void> {
  const state = stateRoot();
  makeStateDirectories(state);
  const lockPath = launcherSocket(state);
  await using lock = await acquireLock(lockPath);
  if (!lock) return pointToRunning(state, lockPath);
  clearPath(state.webInfo);
  await launch(state, interruption.signal);
}

try {
  await main();
} catch (error) {
  if (!interruption.signal.aborted) {
    const text = error instanceof Error ? error.message : String(error);
    process.stderr.write(`Plimsoll cannot be started: ${text}${error instanceof PlimsollError ? `. ${error.hint}` : ''}\n`);
  }
  process.exitCode = interruption.signal.aborted ? 130 : 1;
}
// Whatever still waits for the supervisor's sake must not hold the terminal.
process.exit();
