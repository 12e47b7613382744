import { spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { guarded } from '@plimsoll/core/guarded';
import { NO_DEBUGGER } from '../../node-options.ts';

const PROCESS = join(import.meta.dirname, 'full-check-process.ts');
const MOST_OUTPUT = 4096;

/**
 * Checks an open database whole, indexes included, after a while. It takes seconds for some 100 MB: a process of its own does it, which can be
 * ended at any instant, and readers of a WAL block nobody. `damaged` is called with what it finds; disposing ends the check.
 */
export function checkInBackground(path: string, afterMs: number, damaged: (problem: string) => void): Disposable {
  let child: ChildProcess | undefined;
  let isOver = false;
  const what = `the check of ${path}`;
  const begin = (): void => {
    let output = '';
    child = spawn(process.execPath, [NO_DEBUGGER, '--max-semi-space-size=2', PROCESS, path], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const read = (text: string): void => void (output = (output + text).slice(0, MOST_OUTPUT));
    child.stdout?.setEncoding('utf8').on('data', guarded(what, read));
    // Without it the next start checks again.
    child.on('error', () => {});
    const ended = (): void => {
      if (!isOver && output !== '') damaged(output);
    };
    child.on('close', guarded(what, ended));
    child.unref();
  };
  const timer = setTimeout(guarded(what, begin), afterMs).unref();
  return {
    [Symbol.dispose]: () => {
      isOver = true;
      clearTimeout(timer);
      child?.kill('SIGKILL');
    },
  };
}
