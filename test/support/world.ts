import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, openSync, readdirSync, readFileSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { AgentClient } from '../../apps/agent/src/client/agent-client.ts';
import { connect } from '../../apps/agent/src/client/connect.ts';
import { SupervisorLink } from '../../apps/agent/src/agent/supervisor-link.ts';
import { stateRoot, type StateRoot } from '../../apps/agent/src/state-root.ts';
import { Cgroup, discoverCgroupLayout } from '@plimsoll/core';

/** Where the launcher has it as well. */
const COMPILE_CACHE = join(import.meta.dirname, '../../node_modules/.cache/plimsoll');
const AGENT = join(import.meta.dirname, '../../apps/agent');
const START_DEADLINE_MS = 60_000;

/**
 * A Plimsoll of a test's own: its state below a new directory of /tmp, its cgroups below a root of their own. Disposing ends
 * its processes and removes everything, whatever state a failed test left it in.
 */
export class World implements AsyncDisposable {
  readonly directory: string;
  readonly state: StateRoot;
  readonly environment: NodeJS.ProcessEnv;
  readonly link: SupervisorLink;
  supervisor: ChildProcess | null = null;
  agent: ChildProcess | null = null;
  #client: AgentClient | null = null;

  constructor() {
    this.directory = mkdtempSync(join(tmpdir(), 'plim-'));
    this.environment = { ...process.env, PLIMSOLL_ROOT: this.directory, NODE_COMPILE_CACHE: COMPILE_CACHE };
    this.state = stateRoot(this.environment);
    this.link = new SupervisorLink(this.state.supervisorSocket);
  }

  /** A world with its supervisor running, and the agent too unless asked not to. */
  static async make(parts: { agent?: boolean } = {}): Promise<World> {
    const world = new World();
    try {
      await world.startSupervisor();
      if (parts.agent !== false) await world.startAgent();
      return world;
    } catch (error) {
      await world[Symbol.asyncDispose]();
      throw error;
    }
  }

  async startSupervisor(): Promise<void> {
    this.supervisor = await this.#start('supervisor');
    const connected = once(this.link, 'connected', { signal: AbortSignal.timeout(START_DEADLINE_MS) });
    if (!this.link.connected) {
      this.link.open();
      await connected;
    }
  }

  async startAgent(environment: NodeJS.ProcessEnv = {}): Promise<void> {
    this.agent = await this.#start('agent', environment);
  }

  /** A connection as the command line makes it; the same one each time. */
  async client(): Promise<AgentClient> {
    return (this.#client ??= await connect(this.state));
  }

  /** Sends a signal and resolves when the process has ended. */
  async end(which: 'supervisor' | 'agent', signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    const child = this[which];
    this[which] = null;
    if (child === null || child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    child.kill(signal);
    await exited;
  }

  /** Runs the command line. */
  async plimsoll(...args: readonly string[]): Promise<{ code: number; stdout: string; stderr: string }> {
    const child = spawn(process.execPath, [join(AGENT, 'bin/plimsoll.mjs'), ...args], {
      env: this.environment,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    const [code] = (await once(child, 'close')) as [number | null];
    return { code: code ?? -1, stdout, stderr };
  }

  /** A file of a container's or group's cgroup as it is now; `path` below the cgroup root. */
  cgroupFile(hierarchy: string, path: string, file: string): string {
    return readFileSync(`/sys/fs/cgroup/${hierarchy}/${this.state.cgroup}/${path}/${file}`, 'utf8').trim();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#client?.[Symbol.dispose]();
    this.link[Symbol.dispose]();
    await this.end('agent');
    await this.end('supervisor');
    await clearCgroups(this.state.cgroup);
    rmSync(this.directory, { recursive: true, force: true });
  }

  async #start(part: 'supervisor' | 'agent', environment: NodeJS.ProcessEnv = {}): Promise<ChildProcess> {
    mkdirSync(this.state.run, { recursive: true });
    const log = openSync(join(this.directory, `${part}.log`), 'a');
    const child = spawn(process.execPath, [join(AGENT, `src/${part}/main.ts`)], {
      env: { ...this.environment, ...environment },
      stdio: ['ignore', log, log, 'ipc'],
    });
    const deadline = AbortSignal.timeout(START_DEADLINE_MS);
    const exited = once(child, 'exit', { signal: deadline }).then(() => {
      throw new Error(`the ${part} ended at its start:\n${readFileSync(join(this.directory, `${part}.log`), 'utf8')}`);
    });
    await Promise.race([once(child, 'message', { signal: deadline }), exited]);
    exited.catch(() => {});
    child.disconnect();
    return child;
  }
}

/** Kills what is in a test's cgroups and removes them, in every hierarchy. */
async function clearCgroups(root: string): Promise<void> {
  const layout = discoverCgroupLayout();
  for (const mount of new Cgroup(layout, root).mounts) {
    const directory = join(mount, root);
    if (!existsSync(directory)) continue;
    const kill = join(directory, 'cgroup.kill');
    if (existsSync(kill)) writeFileSync(kill, '1');
  }
  for (const mount of new Cgroup(layout, root).mounts) {
    const directory = join(mount, root);
    if (!existsSync(directory)) continue;
    const below = readdirSync(directory, { recursive: true, withFileTypes: true }).filter((entry) => entry.isDirectory());
    const paths = [directory, ...below.map((entry) => join(entry.parentPath, entry.name))].toSorted((a, b) => b.length - a.length);
    for (const path of paths) await removeWhenEmpty(path);
  }
}

async function removeWhenEmpty(path: string): Promise<void> {
  for (let attempt = 0; ; attempt++) {
    try {
      return rmdirSync(path);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
      if (attempt > 200) throw error;
      await delay(10);
    }
  }
}
