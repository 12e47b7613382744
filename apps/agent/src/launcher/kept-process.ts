import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { guarded } from '@plimsoll/core/guarded';
import { z } from 'zod';
import { spanInWords } from '@plimsoll/protocol/quantities';
import { LEAN } from '../node-options.ts';
import { cleanEnvironment } from './environment.ts';
import { relay, say } from './output.ts';

const END_WITH_PARENT = join(import.meta.dirname, 'end-with-parent.ts');
const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 30_000;
/** Who has lived this long is not in a loop of crashes. */
const SOUND_AFTER_MS = 60_000;
const STOP_GRACE_MS = 10_000;
const Ready = z.object({ ready: z.literal(true), port: z.int().optional() });
type Ready = z.infer<typeof Ready>;

interface Ended {
  code: number | null;
  signal: NodeJS.Signals | null;
}

interface Options {
  name: string;
  script: string;
  /** Asked anew at each start. */
  environment: () => Record<string, string>;
  /** Whether a process that ended unasked has done its work, and is not to be started again. */
  isDone: (ended: Ended) => Promise<boolean>;
}

/** A child that is started again whenever it ends unasked, with growing waits. */
export class KeptProcess {
  /** Settled by the first start: what the child said when it was ready, or an Error where it ended before. */
  readonly ready: Promise<Ready>;
  /** Resolves when it has done its work; never where it is stopped. */
  readonly done: Promise<void>;
  readonly #options: Options;
  readonly #stopping = new AbortController();
  readonly #running: Promise<void>;
  #child: ChildProcess | undefined;

  constructor(options: Options) {
    this.#options = options;
    const first = Promise.withResolvers<Ready>();
    const done = Promise.withResolvers<void>();
    this.ready = first.promise;
    this.done = done.promise;
    this.#running = this.#keep(first, done.resolve);
  }

  /** Asks it to end, and kills it where it does not. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    const child = this.#child;
    child?.kill('SIGTERM');
    const killer = setTimeout(
      guarded('the kill of a process', () => child?.kill('SIGKILL')),
      STOP_GRACE_MS,
    );
    await this.#running;
    clearTimeout(killer);
  }

  async #keep(first: PromiseWithResolvers<Ready>, done: () => void): Promise<void> {
    const { name, isDone } = this.#options;
    let waitMs = FIRST_WAIT_MS;
    let wasReady = false;
    for (;;) {
      const startedAt = performance.now();
      const ended = await this.#runOnce((ready) => {
        if (wasReady) say(`The ${name} process is back.`);
        wasReady = true;
        first.resolve(ready);
      });
      if (!wasReady) first.reject(new Error(`the ${name} process ended before it was ready (${inWords(ended)})`));
      if (!wasReady || this.#stopping.signal.aborted) return;
      if (await isDone(ended)) return done();
      if (performance.now() - startedAt > SOUND_AFTER_MS) waitMs = FIRST_WAIT_MS;
      say(`The ${name} process ended (${inWords(ended)}): starting it again in ${spanInWords(waitMs)}.`);
      await delay(waitMs, undefined, { signal: this.#stopping.signal }).catch(() => {});
      if (this.#stopping.signal.aborted) return;
      waitMs = Math.min(2 * waitMs, LONGEST_WAIT_MS);
    }
  }

  async #runOnce(onReady: (ready: Ready) => void): Promise<Ended> {
    const { name, script, environment } = this.#options;
    // A process group of its own: Ctrl-C in the terminal is for the launcher, which ends its children in order.
    const child = spawn(process.execPath, [...LEAN, `--import=${END_WITH_PARENT}`, script], {
      cwd: '/',
      detached: true,
      env: cleanEnvironment(environment()),
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    this.#child = child;
    if (child.stdout) relay(name, child.stdout, { routine: true });
    if (child.stderr) relay(name, child.stderr, { routine: false });
    const heard = (message: unknown): void => {
      const ready = Ready.safeParse(message);
      if (ready.success) onReady(ready.data);
    };
    child.on('message', guarded(`a message of the ${name} process`, heard));
    child.on('error', (error) => say(`The ${name} process: ${error.message}`));
    await once(child, 'close');
    return { code: child.exitCode, signal: child.signalCode };
  }
}

function inWords({ code, signal }: Ended): string {
  return signal === null ? `exit code ${code}` : signal;
}
