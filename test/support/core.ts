import { randomBytes } from 'node:crypto';
import {
  chownSync,
  closeSync,
  constants,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  readSync,
  rmSync,
} from 'node:fs';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import {
  Cgroup,
  CgroupTimeout,
  discoverCgroupLayout,
  EventLoop,
  idMap,
  Keeper,
  killCgroup,
  makeFifo,
  NetworkNamespacePool,
  processesIn,
  removeCgroup,
  startContainer,
  usedLayout,
  validateConfig,
  ZygotePool,
  type CgroupLayout,
  type Inspect,
  type Kernel,
  type OciConfig,
  type ProcessExit,
  type Started,
  type StartRequest,
} from '@plimsoll/core';
import { ImageStore } from '../../apps/agent/src/images/image-store.ts';
import { seedBaseImage } from './base-image.ts';
import { listLeftover, ownDirectory } from './leftovers.ts';
import { clearCgroups } from './named-cgroups.ts';
import { plainConfig, type PlainOptions } from './plain-config.ts';
import { takeSnapshot, untilNoneIsMade, type Place, type Snapshot } from './snapshot.ts';

/** The containers of a test's core share it: no start is slowed by making another, and none is told from another by it. */
const FIRST_ID = 1_900_000_000;

export interface Outcome {
  exit: ProcessExit;
  stdout: string;
  stderr: string;
}

export interface ContainerOptions extends PlainOptions {
  layers?: string[];
  edit?: (config: OciConfig) => void;
}

/** A container of a test's own, and what it wrote. */
export interface TestContainer extends AsyncDisposable {
  request: StartRequest;
  cgroup: Cgroup;
  start(inspect?: Inspect): Promise<Started>;
  /** What it has written since it was last asked. */
  output(): { stdout: string; stderr: string };
}

/** Core on this machine without a supervisor: a kernel, the base image, and containers made straight from them. */
export class Core implements AsyncDisposable {
  readonly directory: string;
  readonly cgroupRoot: string;
  readonly layout: CgroupLayout;
  readonly kernel: Kernel;
  readonly keeper: Keeper;
  readonly #networks: number;
  #baseLayers: string[] = [];

  /** One zygote and no network namespaces made ahead, unless asked: what is there then changes by containers alone. */
  private constructor(layout: CgroupLayout, networks: number) {
    this.directory = mkdtempSync(join(ownDirectory(), 'core-'));
    this.cgroupRoot = `plimsoll-core-${randomBytes(4).toString('hex')}`;
    listLeftover('cgroup', this.cgroupRoot);
    this.layout = layout;
    this.#networks = networks;
    const loop = new EventLoop();
    const zygotes = new ZygotePool(loop, 1);
    this.kernel = { loop, zygotes, networks: new NetworkNamespacePool(zygotes, networks) };
    this.keeper = Keeper.open(loop, {
      owner: this.directory,
      isDoubted: () => false,
      report: (what, why) => void process.stderr.write(`${what}: ${String(why)}\n`),
    });
  }

  static async make({
    layout = usedLayout(discoverCgroupLayout()),
    networks = 0,
  }: { layout?: CgroupLayout; networks?: number } = {}) {
    const core = new Core(layout, networks);
    const lib = join(core.directory, 'lib');
    await seedBaseImage(lib);
    const images = await ImageStore.open(lib);
    await images.ensureBase();
    core.#baseLayers = images.resolve('base').layers;
    return core;
  }

  /** Resolves when its pool of network namespaces is full: each start then takes the same steps. */
  async poolFull(): Promise<void> {
    this.kernel.networks.refill();
    while (networkNamespacesHeld() < this.#networks) await setImmediate();
  }

  get baseLayers(): string[] {
    return this.#baseLayers;
  }

  get place(): Place {
    return { directory: this.directory, cgroup: this.cgroupRoot, pid: process.pid };
  }

  async snapshot(): Promise<Snapshot> {
    await untilNoneIsMade(this.place);
    return takeSnapshot(this.place);
  }

  /** Its directories, FIFOs and config; its cgroup comes with the start. Disposing ends it and takes all of that away. */
  container({ layers = this.#baseLayers, edit, ...options }: ContainerOptions = {}): TestContainer {
    const id = randomBytes(8).toString('hex');
    const cgroupsPath = `${this.cgroupRoot}/default/${id}`;
    const config = plainConfig(cgroupsPath, options);
    edit?.(config);
    const owner = giveIds(config);
    validateConfig(config);
    const own = join(this.directory, id);
    const [upper, work, mountPoint] = ['upper', 'work', 'rootfs'].map((name) => join(own, name)) as [string, string, string];
    for (const path of [own, upper, work, mountPoint]) mkdirSync(path);
    for (const path of [upper, work]) chownSync(path, owner, owner);
    const stdio = { stdout: join(own, 'stdout'), stderr: join(own, 'stderr') };
    const [stdout, stderr] = [openFifo(stdio.stdout), openFifo(stdio.stderr)];
    const cgroup = new Cgroup(this.layout, cgroupsPath);
    for (const path of Object.values(stdio)) chownSync(path, owner, owner);
    const rootfs = { layers, upper, work, mountPoint };
    const request: StartRequest = { config, cgroup, rootfs, stdio };
    const held: Started['mounts'][] = [];
    const keys: bigint[] = [];
    return {
      request,
      cgroup,
      start: async (inspect) => {
        const hold = this.keeper.prepare(id);
        keys.push(hold.key);
        const started = await startContainer(this.kernel, { ...request, hold }, inspect);
        this.keeper.started(hold, started.process, started.isKept);
        held.push(started.mounts);
        return started;
      },
      output: () => ({ stdout: drain(stdout), stderr: drain(stderr) }),
      [Symbol.asyncDispose]: async () => {
        closeSync(stdout);
        closeSync(stderr);
        await killCgroup(this.kernel.loop, cgroup).catch((error: unknown) => {
          // A start that failed has no cgroup.
          if (error instanceof CgroupTimeout) throw new Error(`${error.message}: ${statesOf(cgroup)}`, { cause: error });
        });
        removeCgroup(cgroup);
        await Promise.all(held.map((mounts) => mounts.release()));
        for (const key of keys) this.keeper.release(key);
        rmSync(own, { recursive: true });
      },
    };
  }

  /** Start to end. */
  async run(args: string[], options: ContainerOptions = {}): Promise<Outcome> {
    await using container = this.container({ ...options, args });
    const started = await container.start();
    const exit = await started.process.exited;
    await started.settle();
    return { exit, ...container.output() };
  }

  /** What a shell in a container prints. Throws where it fails. */
  async shell(script: string, options: ContainerOptions = {}): Promise<string> {
    const { exit, stdout, stderr } = await this.run(['/bin/sh', '-c', script], options);
    if (exit.code !== 0) throw new Error(`${script}: ended with ${JSON.stringify(exit)}: ${stderr}`);
    return stdout.trim();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const { loop, zygotes, networks } = this.kernel;
    networks[Symbol.dispose]();
    await this.keeper.end();
    await zygotes[Symbol.asyncDispose]();
    // The loop reaps them.
    await untilNoneIsMade(this.place);
    loop[Symbol.dispose]();
    clearCgroups(this.cgroupRoot);
    rmSync(this.directory, { recursive: true, force: true });
  }
}

/** What its processes wait in, for who looks why they do not end. */
function statesOf(cgroup: Cgroup): string {
  const readIfThere = (path: string) => (existsSync(path) ? readFileSync(path, 'latin1').trim() : 'gone');
  return processesIn(cgroup)
    .map((pid) => `${readIfThere(`/proc/${pid}/stat`)} in ${readIfThere(`/proc/${pid}/wchan`)}`)
    .join(', ');
}

/** Host ids that nobody else's are, for a user namespace of its own that has no maps yet. Returns its root's. */
function giveIds({ linux }: OciConfig): number {
  const isOwn = linux.namespaces.some(({ type, path }) => type === 'user' && path === undefined);
  if (isOwn) {
    linux.uidMappings ??= idMap(FIRST_ID);
    linux.gidMappings ??= idMap(FIRST_ID);
  }
  return linux.uidMappings?.[0]?.hostID ?? 0;
}

function networkNamespacesHeld(): number {
  return readdirSync('/proc/self/fd').filter((fd) => linkOf(fd).startsWith('net:[')).length;
}

/** Descriptors come and go between the listing and the look. */
function linkOf(fd: string): string {
  try {
    return readlinkSync(`/proc/self/fd/${fd}`);
  } catch {
    return '';
  }
}

function openFifo(path: string): number {
  makeFifo(path);
  return openSync(path, constants.O_RDWR | constants.O_NONBLOCK);
}

/** A FIFO holds 64 KiB: enough for what tests write. */
function drain(fd: number): string {
  const buffer = Buffer.alloc(64 * 1024);
  const parts: Buffer[] = [];
  for (;;) {
    try {
      parts.push(Buffer.from(buffer.subarray(0, readSync(fd, buffer))));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
      return Buffer.concat(parts).toString();
    }
  }
}
