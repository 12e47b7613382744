import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { World } from './world.ts';

const REPOSITORY = join(import.meta.dirname, '../..');
const READY = /Plimsoll is ready: (\S+)/;
const DEADLINE_MS = 300_000;

/** All of Plimsoll in a world of a test's own, started as a person starts it. */
export class Stack extends World {
  #launcher: ChildProcess | null = null;
  output = '';

  /** `npm start` on a port of its own choosing; resolves with the address that signs a browser in. */
  async npmStart(): Promise<string> {
    const launcher = spawn('npm', ['start'], {
      cwd: REPOSITORY,
      env: { ...this.environment, PLIMSOLL_PORT: '0' },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    this.#launcher = launcher;
    this.output = '';
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    const timer = setTimeout(() => reject(new Error(`npm start was not ready in time:\n${this.output}`)), DEADLINE_MS);
    const hear = (text: string) => {
      this.output += text;
      const url = READY.exec(this.output)?.[1];
      if (url !== undefined) resolve(url);
    };
    launcher.stdout.setEncoding('utf8').on('data', hear);
    launcher.stderr.setEncoding('utf8').on('data', hear);
    launcher.on('exit', (code) => reject(new Error(`npm start ended with ${code}:\n${this.output}`)));
    return promise.finally(() => clearTimeout(timer));
  }

  /** Ctrl-C in its terminal: SIGINT to the whole foreground process group. Resolves with all that it had said. */
  async interrupt(): Promise<string> {
    const launcher = this.#launcher;
    this.#launcher = null;
    if (launcher?.pid === undefined || launcher.exitCode !== null) return this.output;
    const closed = once(launcher, 'close');
    process.kill(-launcher.pid, 'SIGINT');
    await closed;
    return this.output;
  }

  override async [Symbol.asyncDispose](): Promise<void> {
    await this.interrupt();
    try {
      if (existsSync(this.state.supervisorSocket)) await this.plimsoll('shutdown');
    } finally {
      await super[Symbol.asyncDispose]();
    }
  }
}
