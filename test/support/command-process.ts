import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import type { CommandResult } from './command-line.ts';

/** A process that a test follows, signals, or stops reading from. */
export class CommandProcess {
  /** Rejects where the process was ended by a signal. */
  readonly ended: Promise<CommandResult>;
  readonly #child: ChildProcessByStdio<null, Readable, Readable>;
  readonly #chunks: Record<'stdout' | 'stderr', Buffer[]> = { stdout: [], stderr: [] };

  constructor([program = '', ...args]: readonly string[], environment: NodeJS.ProcessEnv) {
    this.#child = spawn(program, args, { env: environment, stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of ['stdout', 'stderr'] as const) {
      this.#child[stream].on('data', (chunk: Buffer) => this.#chunks[stream].push(chunk));
    }
    this.ended = this.#result();
    // A test that fails before it awaits the end reports its own failure.
    this.ended.catch(() => {});
  }

  /** What it has written so far. */
  get stdout(): string {
    return this.bytes('stdout').toString();
  }

  get stderr(): string {
    return this.bytes('stderr').toString();
  }

  /** The same, of output that is no text. */
  bytes(stream: 'stdout' | 'stderr'): Buffer {
    return Buffer.concat(this.#chunks[stream]);
  }

  /** Reads from stdout once, as `head` does: a later write of the process fails with EPIPE. */
  closeStdoutAfterFirstRead(): void {
    this.#child.stdout.once('data', () => this.#child.stdout.destroy());
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  async #result(): Promise<CommandResult> {
    const [code, signal] = (await once(this.#child, 'close')) as [number | null, NodeJS.Signals | null];
    if (code === null) throw new Error(`the process was ended by ${signal}: ${this.stderr}`);
    return { code, stdout: this.stdout, stderr: this.stderr };
  }
}
