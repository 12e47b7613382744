import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { spanInWords } from '@plimsoll/protocol/quantities';
import { SupervisorLink } from '../agent/supervisor-link.ts';
import { buildVersion } from '../build.ts';
import { LEAN } from '../node-options.ts';
import type { StateRoot } from '../state-root.ts';
import type { ContainerRecord } from '../supervisor/protocol.ts';
import { cleanEnvironment, COMPILE_CACHE } from './environment.ts';
import { isListening } from '../launcher-socket.ts';
import { say } from './output.ts';

const MAIN = join(import.meta.dirname, '../supervisor/main.ts');
/** A supervisor that adopts many containers reads the state of each first. */
const START_DEADLINE_MS = 60_000;
const POLL_MS = 25;
const SHUTDOWN_MS = 2000;
const LONGEST_WAIT_MS = 30_000;
const HAND_OVER_MS = 30_000;

/** The launcher's view of the supervisor: that it is there, and how many containers it runs. */
export class SupervisorProcess implements Disposable {
  readonly link: SupervisorLink;
  readonly #state: StateRoot;
  readonly #live = new Set<string>();
  #about = { pid: 0, version: '' };

  constructor(state: StateRoot) {
    this.#state = state;
    this.link = new SupervisorLink(state.supervisorSocket);
    this.link.on('connected', ({ pid, version, records }) => {
      this.#about = { pid, version };
      this.#live.clear();
      for (const record of records) this.#note(record);
    });
    this.link.on('container', (record) => this.#note(record));
    this.link.on('removed', (id) => this.#live.delete(id));
  }

  /** Containers with a process. */
  get containers(): number {
    return this.#live.size;
  }

  isThere(): Promise<boolean> {
    return isListening(this.#state.supervisorSocket);
  }

  /** Connects to the supervisor that is there. Throws where it does not answer. */
  async attach(): Promise<void> {
    const connected = once(this.link, 'connected', { signal: AbortSignal.timeout(START_DEADLINE_MS) });
    const refused = once(this.link, 'refused').then(([error]) => Promise.reject(error as Error));
    this.link.open();
    await Promise.race([connected, refused]);
  }

  /**
   * Starts a supervisor, or connects to the one that is there; one of another version hands over to a new one first. Containers go
   * on meanwhile. Returns what it came upon.
   */
  async reach(): Promise<'started' | 'attached' | 'replaced'> {
    const wasThere = await this.isThere();
    if (!wasThere) await this.start();
    await this.attach();
    if (!wasThere) return 'started';
    if (this.#about.version === buildVersion()) return 'attached';
    await this.#replace();
    return 'replaced';
  }

  /** What is under way in the old one is done before it ends; the state is its successor's then. */
  async #replace(): Promise<void> {
    const { pid } = this.#about;
    const disconnected = once(this.link, 'disconnected', { signal: AbortSignal.timeout(HAND_OVER_MS) });
    process.kill(pid, 'SIGTERM');
    // Whatever holds it up: containers outlive a kill as well.
    await disconnected.catch(() => process.kill(pid, 'SIGKILL'));
    for (const end = performance.now() + HAND_OVER_MS; await this.isThere(); await delay(POLL_MS)) {
      if (performance.now() > end) throw new Error(`the supervisor, process ${pid}, does not end: end it, and start again`);
    }
    const connected = once(this.link, 'connected', { signal: AbortSignal.timeout(START_DEADLINE_MS) });
    await this.start();
    await connected;
  }

  /** Starts a supervisor that outlives this process and its terminal. Resolves when it listens; throws with the end of its log where it does not. */
  async start(): Promise<void> {
    const directory = join(this.#state.lib, 'log');
    await mkdir(directory, { recursive: true, mode: 0o755 });
    const path = join(directory, 'supervisor.log');
    await using log = await open(path, 'a', 0o600);
    const child = spawn(process.execPath, [...LEAN, MAIN], {
      cwd: '/',
      detached: true,
      env: cleanEnvironment(COMPILE_CACHE),
      stdio: ['ignore', log.fd, log.fd],
    });
    child.unref();
    const deadline = performance.now() + START_DEADLINE_MS;
    while (!(await this.isThere())) {
      if (child.exitCode !== null || child.signalCode !== null || performance.now() > deadline) {
        throw new Error(`the supervisor did not start:\n${await lastLines(path)}`);
      }
      await delay(POLL_MS);
    }
  }

  /** Whether it is away, or goes within a moment: a shutdown ends the agent and it at about the same time. */
  async isGone(): Promise<boolean> {
    if (this.link.connected) await once(this.link, 'disconnected', { signal: AbortSignal.timeout(SHUTDOWN_MS) }).catch(() => {});
    return !(await this.isThere());
  }

  /** Starts it again whenever it ended but by a shutdown. Resolves when it was shut down, or on `until`. */
  async keep(until: AbortSignal): Promise<void> {
    try {
      for (;;) {
        await this.#away(until);
        if (this.#wasShutDown) return;
        say('The supervisor ended unexpectedly: starting it again. Containers go on.');
        await this.#startAgain(until);
      }
    } catch (error) {
      if (!until.aborted) throw error;
    }
  }

  /** A clean end takes its socket away; one by SIGTERM leaves containers behind, which a shutdown has stopped. */
  get #wasShutDown(): boolean {
    return this.containers === 0 && !existsSync(this.#state.supervisorSocket);
  }

  async #away(until: AbortSignal): Promise<void> {
    for (;;) {
      if (this.link.connected) await once(this.link, 'disconnected', { signal: until });
      // The agent ends a moment later where both were shut down.
      await delay(SHUTDOWN_MS, undefined, { signal: until });
      if (!this.link.connected && !(await this.isThere())) return;
    }
  }

  async #startAgain(until: AbortSignal): Promise<void> {
    for (let waitMs = SHUTDOWN_MS; ; waitMs = Math.min(2 * waitMs, LONGEST_WAIT_MS)) {
      try {
        return await this.start();
      } catch (error) {
        say(error instanceof Error ? error.message : String(error));
        say(`Trying again in ${spanInWords(waitMs)}.`);
        await delay(waitMs, undefined, { signal: until });
      }
    }
  }

  #note({ id, state: { status } }: ContainerRecord): void {
    if (status === 'running' || status === 'frozen' || status === 'stopping' || status === 'starting') this.#live.add(id);
    else this.#live.delete(id);
  }

  [Symbol.dispose](): void {
    this.link[Symbol.dispose]();
  }
}

async function lastLines(path: string): Promise<string> {
  const text = await readFile(path, 'utf8').catch(() => '');
  return text.trimEnd().split('\n').slice(-20).join('\n');
}
