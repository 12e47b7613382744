import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface, type Interface } from 'node:readline';

/** What one run of a command took. */
export interface Run {
  wallMs: number;
  /** Of the process and its children that it has waited for. */
  cpuMs: number;
  /** The greatest resident set of one of them. */
  peakMib: number;
}

/** Runs commands from a small process, whose fork costs next to nothing (command-meter.c). */
export class CommandMeter implements AsyncDisposable {
  readonly #process: ChildProcess;
  readonly #lines: Interface;

  /** Throws where there is no C compiler. */
  constructor(directory: string, environment: NodeJS.ProcessEnv) {
    const binary = join(directory, 'command-meter');
    execFileSync('gcc', ['-O1', '-o', binary, join(import.meta.dirname, 'command-meter.c')]);
    this.#process = spawn(binary, [], { stdio: ['pipe', 'pipe', 'inherit'], env: environment });
    this.#lines = createInterface({ input: this.#process.stdout! });
  }

  /** Throws where the command does not end with 0. */
  async run(words: readonly string[]): Promise<Run> {
    const answer = once(this.#lines, 'line') as Promise<[string]>;
    this.#process.stdin?.write(`${words.join('\t')}\n`);
    const [line] = await answer;
    const [wallNs = 0, cpuUs = 0, peakKb = 0, status] = line.split(' ').map(Number);
    if (status !== 0) throw new Error(`${words.join(' ')} ended with status ${status}`);
    return { wallMs: wallNs / 1e6, cpuMs: cpuUs / 1e3, peakMib: peakKb / 1024 };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const ended = once(this.#process, 'exit');
    this.#process.stdin?.end();
    await ended;
  }
}
