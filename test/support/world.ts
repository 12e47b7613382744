import { spawn, type ChildProcess } from 'node:child_process';
import {
  chmodSync,
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  readdirSync,
  rmSync,
  statfsSync,
} from 'node:fs';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { join } from 'node:path';
import { type AgentClient } from '../../apps/agent/src/client/agent-client.ts';
import { connect } from '../../apps/agent/src/client/connect.ts';
import { SupervisorLink } from '../../apps/agent/src/agent/supervisor-link.ts';
import { define } from '../../apps/agent/src/agent/commands/definition.ts';
import { ImageStore } from '../../apps/agent/src/images/image-store.ts';
import { dataDirectory } from '../../apps/agent/src/volumes/volume-record.ts';
import { LEAN } from '../../apps/agent/src/node-options.ts';
import { stateRoot, type StateRoot } from '../../apps/agent/src/state-root.ts';
import type { ContainerDefinition, ContainerRecord } from '../../apps/agent/src/supervisor/protocol.ts';
import { Cgroup } from '@plimsoll/core';
import { CreateContainer, PlimsollError, type CreateContainerInput } from '@plimsoll/protocol';
import { seedBaseImage } from './base-image.ts';
import { Command, type CommandResult } from './command-line.ts';
import { CommandProcess } from './command-process.ts';
import { HOST_LAYOUT } from './layouts.ts';
import { keepersOf } from './keepers.ts';
import { keepLastWords } from './last-words.ts';
import { endAll, listLeftover, ownDirectory } from './leftovers.ts';
import { clearCgroups } from './named-cgroups.ts';
import { SLOWNESS } from './slowness.ts';
import { takeSnapshot, type Place, type Snapshot } from './snapshot.ts';
import { until, untilStill } from './until.ts';

/** Where the launcher has it as well. */
const COMPILE_CACHE = join(import.meta.dirname, '../../node_modules/.cache/plimsoll');
const REPOSITORY = join(import.meta.dirname, '../..');
const START_DEADLINE_MS = 60_000 * SLOWNESS;
export const REQUEST_DEADLINE_MS = 30_000 * SLOWNESS;

let shared: World | null = null;

/**
 * A Plimsoll of a test's own: its state below a new directory, its cgroups below a root of their own. Disposing ends
 * its processes and removes everything, whatever state a failed test left it in.
 */
export class World implements AsyncDisposable {
  readonly directory: string;
  readonly state: StateRoot;
  readonly environment: NodeJS.ProcessEnv;
  readonly link: SupervisorLink;
  /** The program that runs: this repository, or another version of it (program.ts). */
  program = REPOSITORY;
  supervisor: ChildProcess | null = null;
  agent: ChildProcess | null = null;
  #isLinkOpen = false;
  #supervisorPid = 0;
  #client: AgentClient | null = null;
  #images: Promise<ImageStore> | null = null;

  /** `below`: another directory than that for temporary files; `directory`: that of another world, which has ended. */
  constructor({ below = ownDirectory(), directory }: { below?: string | undefined; directory?: string | undefined } = {}) {
    this.directory = directory ?? mkdtempSync(join(below, 'plim-'));
    // The web process's user passes through.
    chmodSync(this.directory, 0o755);
    this.environment = { ...process.env, PLIMSOLL_ROOT: this.directory, NODE_COMPILE_CACHE: COMPILE_CACHE };
    this.state = stateRoot(this.environment);
    listLeftover('cgroup', this.state.cgroup);
    this.link = new SupervisorLink(this.state.supervisorSocket);
    this.link.on('connected', ({ pid }) => (this.#supervisorPid = pid));
  }

  /** A world with its supervisor running, and the agent too unless asked not to. */
  static async make(parts: { agent?: boolean; below?: string; directory?: string } = {}): Promise<World> {
    const world = new World(parts);
    try {
      if (parts.directory === undefined) await seedBaseImage(world.state.lib);
      await world.startSupervisor();
      if (parts.agent !== false) await world.startAgent();
      return world;
    } catch (error) {
      await world[Symbol.asyncDispose]();
      throw error;
    }
  }

  /**
   * The one that all files of this process share which only need a running Plimsoll: without containers, groups, volumes, alert rules
   * and images of others. It goes with the process.
   */
  static async shared(): Promise<World> {
    const world = shared;
    if (world !== null && (await world.#isCleared().catch(() => false))) return world;
    shared = null;
    await world?.[Symbol.asyncDispose]();
    return (shared = await World.make());
  }

  /** Resolves when this process is connected to it, and the agent as well where one runs. */
  async startSupervisor(): Promise<void> {
    this.supervisor = await this.#start('supervisor');
    const { pid } = this.supervisor;
    if (!this.#isLinkOpen) this.link.open();
    this.#isLinkOpen = true;
    const answers = until('the supervisor answers', () => this.link.connected && this.#supervisorPid === pid);
    await answers.catch((error: unknown) => {
      const why = this.link.whyNotConnected;
      const state = why === null ? `connected to pid ${this.#supervisorPid}` : `not connected: ${why}`;
      throw new Error(`the link to the supervisor is ${state}`, { cause: error });
    });
    if (this.agent === null || hasEnded(this.agent)) return;
    const client = await this.client();
    await until('the agent has heard it', async () => (await client.command('host.report', {})).supervisorPid === pid);
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
    if (child === null || hasEnded(child)) return;
    const exited = once(child, 'exit');
    child.kill(signal);
    await exited;
  }

  /** Runs the command line within this process. */
  async plimsoll(...words: readonly string[]): Promise<CommandResult> {
    return await new Command(words, this.environment).ended;
  }

  /** Starts the command line as a process of its own. */
  plimsollProcess(words: readonly string[], environment: NodeJS.ProcessEnv = this.environment): CommandProcess {
    return new CommandProcess([join(this.program, 'apps/agent/bin/plimsoll'), ...words], environment);
  }

  /** What to look for on the machine: its supervisor is the one that starts containers. */
  get place(): Place {
    return { directory: this.directory, cgroup: this.state.cgroup, pid: this.supervisor?.pid ?? 0 };
  }

  snapshot(): Snapshot {
    return takeSnapshot(this.place);
  }

  /** The same, once the supervisor has done what it leaves for after a start: the birth, the watches, what is made ahead. */
  async settledSnapshot(): Promise<Snapshot> {
    const containers = join(this.state.lib, 'containers');
    await until('every birth is written', () =>
      readdirSync(containers).every((id) => existsSync(join(containers, id, 'birth.json'))),
    );
    await until('what was removed is deleted', () => !this.snapshot().files.some((path) => path.includes('/.removed-')));
    // Others' mounts come and go.
    await untilStill('all that is its own', () => ({ ...this.snapshot(), mounts: [] }));
    return this.snapshot();
  }

  /** A definition as the agent would make it. */
  async define(request: CreateContainerInput = {}): Promise<ContainerDefinition> {
    const images = await (this.#images ??= openImages(this.state.lib));
    const name = request.name ?? `test-${randomBytes(4).toString('hex')}`;
    return define(CreateContainer.parse(request), name, images.resolve(request.image ?? 'base'), {
      cgroupRoot: this.state.cgroup,
      volumePath: (volume) => dataDirectory(join(this.state.lib, 'volumes'), volume),
      caller: { who: 'local' },
      find: (ref) => {
        throw new Error(`there is no container ${ref}: ask the agent where it matters`);
      },
    });
  }

  /** Create and start, asked of the supervisor itself. */
  async run(command: string[], request: CreateContainerInput = {}): Promise<ContainerRecord> {
    return await this.link.request('run', { definition: await this.define({ ...request, command }) }, REQUEST_DEADLINE_MS);
  }

  /** The supervisor's record of one container now. */
  async record(id: string): Promise<ContainerRecord | undefined> {
    const { records } = await this.link.request('subscribe', {}, REQUEST_DEADLINE_MS);
    return records.find((record) => record.id === id);
  }

  /** Its log as it is on disk. */
  log(id: string): string {
    const path = join(this.state.lib, 'containers', id, 'log');
    return existsSync(path) ? readFileSync(path, 'utf8') : '';
  }

  /** A container's or group's cgroup; `path` below the cgroup root. Its files: kernel-files.ts. */
  cgroup(path: string): Cgroup {
    return new Cgroup(HOST_LAYOUT, `${this.state.cgroup}/${path}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // Before the end of these connections wakes them.
    keepLastWords(this.directory, { supervisor: pidOf(this.supervisor), agent: pidOf(this.agent) });
    this.#client?.[Symbol.dispose]();
    this.link[Symbol.dispose]();
    await this.end('agent');
    await this.end('supervisor');
    endAll(keepersOf(this.state.run));
    clearCgroups(this.state.cgroup);
    rmSync(this.directory, { recursive: true, force: true });
  }

  /** Removes what a file of tests has made. False: that cannot be done, since a part has ended. */
  async #isCleared(): Promise<boolean> {
    if ([this.supervisor, this.agent].some((child) => child === null || hasEnded(child))) return false;
    const client = await this.client();
    for (const { path } of await client.command('group.list', {})) {
      await client.command('group.remove', { group: path, force: true }).catch(ignoreMissing);
    }
    for (const { id } of await client.command('container.list', {})) {
      await client.command('container.remove', { container: id, force: true }).catch(ignoreMissing);
    }
    for (const { name } of await client.command('volume.list', {})) await client.command('volume.remove', { name });
    for (const { id } of (await client.command('alert.list', {})).rules) await client.command('alert.remove', { rule: id });
    for (const { name } of await client.command('image.list', {})) {
      if (name !== 'base') await client.command('image.remove', { name });
    }
    return true;
  }

  async #start(part: 'supervisor' | 'agent', environment: NodeJS.ProcessEnv = {}): Promise<ChildProcess> {
    mkdirSync(this.state.run, { recursive: true });
    const begin = async (): Promise<ChildProcess | Ended> => await this.#startOnce(part, environment);
    let started = await begin();
    // Node itself crashes at times where a processor is emulated; the launcher, too, would start it again.
    if (started instanceof Ended && started.by === 'SIGSEGV' && SLOWNESS > 1) started = await begin();
    if (!(started instanceof Ended)) return started;
    const log = readFileSync(join(this.directory, `${part}.log`), 'utf8');
    const { bavail, bsize } = statfsSync(this.directory);
    const when = `${new Date().toISOString()}, ${(bavail * bsize) / 2 ** 20} MiB free`;
    throw new Error(`the ${part} ended at its start (${started.by}, ${when}):\n${log}`);
  }

  async #startOnce(part: 'supervisor' | 'agent', environment: NodeJS.ProcessEnv): Promise<ChildProcess | Ended> {
    const log = openSync(join(this.directory, `${part}.log`), 'a');
    const child = spawn(process.execPath, [...LEAN, join(this.program, `apps/agent/src/${part}/main.ts`)], {
      env: { ...this.environment, ...environment },
      stdio: ['ignore', log, log, 'ipc'],
    });
    closeSync(log);
    const deadline = AbortSignal.timeout(START_DEADLINE_MS);
    const ended = once(child, 'exit', { signal: deadline }).then(
      ([code, signal]: unknown[]) => new Ended(String(signal ?? code)),
    );
    ended.catch(() => {});
    const ready = once(child, 'message', { signal: deadline }).then(() => child);
    ready.catch(() => {});
    const first = await Promise.race([ready, ended]);
    if (first === child) child.disconnect();
    return first;
  }
}

/** A process has ended before it was ready: by a signal, or with an exit code. */
class Ended {
  readonly by: string;

  constructor(by: string) {
    this.by = by;
  }
}

function pidOf(child: ChildProcess | null): number | undefined {
  return child === null || hasEnded(child) ? undefined : child.pid;
}

function hasEnded({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode !== null || signalCode !== null;
}

/** A group goes with the group that it is in, or with its last container. */
function ignoreMissing(error: unknown): void {
  if (!(error instanceof PlimsollError) || error.code !== 'not-found') throw error;
}

async function openImages(lib: string): Promise<ImageStore> {
  const images = await ImageStore.open(lib);
  await images.ensureBase();
  return images;
}
