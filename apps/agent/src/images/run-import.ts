import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { guarded } from '@plimsoll/core/guarded';
import { PlimsollError } from '@plimsoll/protocol';
import { sizeInWords } from '@plimsoll/protocol/quantities';
import { NO_DEBUGGER } from '../node-options.ts';
import type { BuiltRootfs } from './build-rootfs.ts';
import { ImportOutcome, type ImportTask } from './import-message.ts';

const PROCESS = join(import.meta.dirname, 'import-process.ts');
/** Its heap: a million directories take some 400 MiB. Content passes through in pieces. */
const MOST_HEAP_MIB = 768;

/**
 * Builds a root file system in a process of its own, so that no archive holds up this one or takes its memory. The abort of `signal` kills it,
 * and rejects with the signal's reason; what it has made is the caller's to remove, as after every other failure. It ends by itself where this
 * process does.
 */
export async function runImport(task: ImportTask, signal: AbortSignal): Promise<BuiltRootfs> {
  signal.throwIfAborted();
  const options = [NO_DEBUGGER, '--max-semi-space-size=4', `--max-old-space-size=${MOST_HEAP_MIB}`];
  const child = spawn(process.execPath, [...options, PROCESS, JSON.stringify(task)], {
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
  const kill = (): void => void child.kill('SIGKILL');
  signal.addEventListener('abort', kill);
  try {
    return unwrap(await outcomeOf(child));
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  } finally {
    signal.removeEventListener('abort', kill);
    kill();
  }
}

/** Resolves when the process has ended: nothing writes any more. */
async function outcomeOf(child: ChildProcess): Promise<ImportOutcome> {
  const { promise, resolve, reject } = Promise.withResolvers<ImportOutcome>();
  let outcome: ImportOutcome | undefined;
  const what = 'an import';
  child.on('error', reject);
  child.on(
    'message',
    guarded(what, (message) => (outcome = ImportOutcome.parse(message))),
  );
  // Not `exit`, which may come before the last message.
  const closed = (code: number | null, by: NodeJS.Signals | null): void => {
    if (outcome === undefined) reject(endedWithout(code, by));
    else resolve(outcome);
  };
  child.on('close', guarded(what, closed));
  return await promise;
}

/** V8 ends a process by SIGABRT, or SIGTRAP, that needs more heap than it may have. */
function endedWithout(code: number | null, by: NodeJS.Signals | null): Error {
  if (by === 'SIGABRT' || by === 'SIGTRAP') {
    return new PlimsollError('too-large', `the import needs more than ${sizeInWords(MOST_HEAP_MIB * 1024 ** 2)} of memory`, {
      hint: 'Import a smaller tree.',
    });
  }
  return new PlimsollError('unavailable', `the process of the import ended by ${by ?? `exit code ${code}`}`, {
    hint: 'Import it again.',
  });
}

function unwrap(outcome: ImportOutcome): BuiltRootfs {
  if (outcome.outcome === 'built') return outcome.built;
  if (outcome.outcome === 'refused') throw PlimsollError.from(outcome.error);
  const { message, ...details } = outcome.failure;
  throw Object.assign(new Error(message), details);
}
