import { main } from '../../apps/agent/src/cli/command-line.ts';
import { Context, type Signal } from '../../apps/agent/src/cli/context.ts';
import { FakeProcess } from '../../apps/agent/src/cli/process.fixture.ts';

export interface CommandResult {
  code: number;
  stdout: string;
  stderr: string;
}

interface Terminal {
  hasTerminal?: boolean;
  columns?: number;
}

/** A command of the command line that runs within the process of the test. */
export class Command {
  readonly ended: Promise<CommandResult>;
  readonly #process: FakeProcess;

  /** `hasTerminal`: as if somebody had typed it; `columns`: how wide its terminal is. */
  constructor(words: readonly string[], environment: NodeJS.ProcessEnv, { hasTerminal = false, columns }: Terminal = {}) {
    this.#process = new FakeProcess(environment, columns);
    this.ended = this.#run(words, hasTerminal);
  }

  /** What it has written so far. */
  get stdout(): string {
    return this.#process.stdout.text;
  }

  get stderr(): string {
    return this.#process.stderr.text;
  }

  /** The JSON values that it has written so far, one a line. */
  jsonLines(): unknown[] {
    const { stdout } = this;
    const lines = stdout.slice(0, stdout.lastIndexOf('\n') + 1).split('\n');
    return lines.slice(0, -1).map((line): unknown => JSON.parse(line));
  }

  signal(signal: Signal): void {
    this.#process.signal(signal);
  }

  async #run(words: readonly string[], hasTerminal: boolean): Promise<CommandResult> {
    using context = new Context(this.#process, { hasTerminal, commandName: 'plimsoll' });
    const code = await main(words, context);
    return { code, stdout: this.stdout, stderr: this.stderr };
  }
}
