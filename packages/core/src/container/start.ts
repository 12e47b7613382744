import { WAIT } from '../abi/clone.ts';
import { ERRNO } from '../abi/errno.ts';
import { or } from '../abi/flags.ts';
import { AT_FDCWD, O } from '../abi/open.ts';
import { INHERITED_DEVICES } from '../cgroups/controllers/devices.ts';
import { createCgroup, ensureAncestors } from '../cgroups/create.ts';
import { isHeldByFreeze } from '../cgroups/freeze.ts';
import { killCgroup } from '../cgroups/kill.ts';
import type { Cgroup } from '../cgroups/cgroup.ts';
import { removeCgroup, tryRemoveCgroup } from '../cgroups/remove.ts';
import type { Setting } from '../cgroups/setting.ts';
import { readEventCounts } from '../cgroups/watch/event-counts.ts';
import type { EventLoop } from '../events/event-loop.ts';
import type { LinuxResources, NamespaceType, OciConfig } from '../oci/config.ts';
import { checkSteps } from '../oci/check-steps.ts';
import { DEFAULT_DEVICE_RULES } from '../oci/defaults.ts';
import { call, closeLeftOpen, stepError, tryCall } from '../program/call.ts';
import { LoadedProgram } from '../program/load.ts';
import { Program } from '../program/program.ts';
import { BindSources } from '../mounts/bind-source.ts';
import { clockAheadNs } from '../namespaces/clocks.ts';
import { openNamespaces } from '../namespaces/join.ts';
import type { NetworkNamespacePool } from '../namespaces/network-pool.ts';
import { namespaceOf } from '../namespaces/types.ts';
import { makeUserNamespace } from '../namespaces/user-namespace.ts';
import { requireLabels } from '../security/labels.ts';
import { seccompFilter } from '../security/seccomp/filter.ts';
import { seccompHost } from '../security/seccomp/resolve.ts';
import type { ZygotePool } from '../zygote/zygote-pool.ts';
import { SyscallError } from '../syscalls/syscall-error.ts';
import { readBirth, type BirthStep } from './birth.ts';
import { HeldProcess } from '../processes/process.ts';
import { Handover } from './handover.ts';
import { HeldMounts } from './held-mounts.ts';
import { StartDeadline } from './start-deadline.ts';
import { startProgram, type StartProgram, type StartRequest } from './start-program.ts';
import { whyRefused } from './why-refused.ts';

const SIGKILL = 9;

/** A start that did not come to exec. `step` is the syscall that failed; nothing of the start is left. */
export class StartError extends Error {
  override readonly name = 'StartError';
  override readonly cause: SyscallError | undefined;
  /** The failing step was the exec itself: the command is missing, or cannot be run. */
  readonly inExec: boolean;
  /** The message says what of the config is to blame. */
  readonly isExplained: boolean;
  constructor(message: string, options: { cause?: SyscallError; inExec?: boolean; isExplained?: boolean } = {}) {
    super(message);
    this.cause = options.cause;
    this.inExec = options.inExec ?? false;
    this.isExplained = options.isExplained ?? false;
  }
}

/** A container whose first process has exec'd. */
export interface Started {
  process: HeldProcess;
  /** A keeper has it, as `hold` wanted. */
  isKept: boolean;
  /** To be released after the last reading of its cgroup; its files are not to be mounted again before. */
  mounts: HeldMounts;
  /** Sources of binds with `idmap=auto` that the kernel cannot show by the container's ids: their files have the host's. */
  unmapped: string[];
  /**
   * To be called once, and not in a hurry: reaps the intermediate process, whose exit closes what the start has opened, frees what the
   * steps ran in, and resolves with how it was made, step by step. Its files are not to be mounted again before.
   */
  settle: () => Promise<BirthStep[]>;
}

/** What starts and watches containers: one of each a process. */
export interface Kernel {
  loop: EventLoop;
  zygotes: ZygotePool;
  networks: NetworkNamespacePool;
}

/** For tests that fail each step in turn: sees each program before it is loaded. */
export type Inspect = (program: Program) => void;

/**
 * Makes the cgroup and the container in it, and resolves when its command has been exec'd. The overlay's directories and
 * the FIFOs must exist. Throws StartError; whatever was made until then is undone.
 */
export async function startContainer(kernel: Kernel, request: StartRequest, inspect: Inspect = () => {}): Promise<Started> {
  const { loop, zygotes } = kernel;
  const { cgroup, config, signal, withinMs } = request;
  const share = request.share ?? cgroup.parent?.path ?? cgroup.path;
  signal?.throwIfAborted();
  requireLabels(config.process);
  checkSteps(config);
  const { seccomp } = config.linux;
  const filter = seccomp === undefined ? null : seccompFilter(seccomp, seccompHost(config.process.capabilities.bounding));
  await using undo = new AsyncDisposableStack();
  let first = 0;
  let held: HeldProcess | null = null;
  const parentSteps = new Program();
  parentSteps.timed = true;
  undo.defer(() => void tryRemoveCgroup(cgroup));
  // Whether the kernel has these is seen in the parent.
  const { memory, unified, blockIO } = config.linux.resources;
  if ((memory?.swap ?? unified ?? blockIO?.weight) !== undefined) ensureAncestors(cgroup, DEFAULT_DEVICE_RULES);
  const limits = createCgroup(parentSteps, cgroup, withInherited(config.linux.resources));
  parentSteps.end();
  inspect(parentSteps);
  const prepared = undo.use(new LoadedProgram(parentSteps));
  try {
    prepare(prepared, parentSteps, cgroup);
  } catch (error) {
    throw asStartError(error, limits);
  }

  const handover = undo.use(new Handover());
  const sources = sourcesOf(request, limits);
  const parts = { cgroup: openUnified(request), filter, joined: new Map<NamespaceType, number>(), sources, handover };
  const opened = new Map<NamespaceType, number>();
  const closeOpened = () => closeAll(parts.cgroup, opened, request.sources === undefined ? sources : null);
  undo.defer(closeOpened);
  let aheadNs = 0n;
  try {
    await gatherNamespaces(kernel, request, opened);
    aheadNs = clockAheadNs(config);
  } catch (error) {
    throw asStartError(error, limits);
  }
  for (const [type, fd] of [...(request.madeAhead ?? []), ...opened]) parts.joined.set(type, fd);
  // From the last to the first: killed, reaped, its memory given back, its cgroup removed.
  const ranIn = undo.use(new DisposableStack());
  // What the first process had mounted before it died; its close may wait for the disk.
  undo.defer(() => new HeldMounts(zygotes, handover.take(), share).release());
  undo.defer(async () => void (await (held?.exited ?? untilReaped(loop, first))));
  undo.defer(() => killCgroup(loop, cgroup));
  const start = startProgram(request, parts);
  inspect(start.program);
  using deadline = new StartDeadline({ loop, cgroup, signal, withinMs });
  const { loaded, finished } = await zygotes.play(start.program, {
    share,
    ...(signal !== undefined && { signal }),
    isHeld: () => isHeldByFreeze(cgroup),
    begun(memory) {
      deadline.begin(() => [start.intermediate, start.first].map((pid) => memory.readPid(pid)).filter((pid) => pid > 0));
    },
  });
  ranIn.use(loaded);
  const intermediate = loaded.readPid(start.intermediate);
  undo.defer(() => reapIntermediate(loop, intermediate, finished));
  first = loaded.readPid(start.first);
  // No other process has its pid until this one reaps it.
  if (first > 0) held = new HeldProcess(loop, first, call('hold the first process', 'pidfd_open', first, 0));
  await deadline.settle();
  if (!finished) throw whyUnfinished(loaded, start, cgroup);
  const failure = outcome(loaded, start, config);
  if (failure !== null || held === null) throw failure ?? new StartError('the kernel made no process');
  const mounts = new HeldMounts(zygotes, handover.take(), share);
  undo.move();
  closeOpened();
  handover[Symbol.dispose]();
  return {
    process: held,
    isKept: request.hold?.wentWell(loaded) ?? false,
    mounts,
    unmapped: [...start.idMaps].flatMap(([{ source }, { step }]) => (loaded.result(step) < 0 ? [source] : [])),
    async settle() {
      await reapIntermediate(loop, intermediate, true);
      const birth = readBirth([
        { program: parentSteps, loaded: prepared, from: 0, to: parentSteps.steps.length - 1 },
        { program: start.program, loaded, from: 0, to: start.firstInTime - 1 },
        { program: start.program, loaded, from: start.firstInTime, to: start.last, clockAheadNs: aheadNs },
      ]);
      prepared[Symbol.dispose]();
      loaded[Symbol.dispose]();
      return birth;
    },
  };
}

/** Its ancestors are there mostly; where not, they are made, and the program begins anew. */
function prepare(prepared: LoadedProgram, program: Program, cgroup: Cgroup): void {
  prepared.run();
  const missing = prepared.failure?.step.syscall === 'mkdirat' && prepared.failure.errno === ERRNO.ENOENT;
  if (missing) {
    ensureAncestors(cgroup, DEFAULT_DEVICE_RULES);
    removeCgroup(cgroup);
    prepared.run();
  }
  if (prepared.failure === null) return;
  closeLeftOpen(prepared, program);
  throw stepError(prepared.failure);
}

/** The ancestors' rules are the default's (ensureAncestors): a container that asks for no others has them from its birth. */
function withInherited(resources: LinuxResources): LinuxResources {
  const inherited = JSON.stringify(resources.devices) === JSON.stringify(DEFAULT_DEVICE_RULES);
  return inherited ? { ...resources, devices: INHERITED_DEVICES } : resources;
}

function sourcesOf({ config, sources }: StartRequest, limits: readonly Setting[]): BindSources {
  try {
    return sources ?? BindSources.open(config.mounts, new Map());
  } catch (error) {
    throw asStartError(error, limits);
  }
}

function closeAll(cgroup: number | null, opened: ReadonlyMap<NamespaceType, number>, sources: BindSources | null): void {
  sources?.[Symbol.dispose]();
  if (cgroup !== null) tryCall('close', cgroup);
  for (const fd of opened.values()) tryCall('close', fd);
}

/** Others' namespaces, by their paths; and of its own what can be made before and was not: the user namespace, a network. */
async function gatherNamespaces(kernel: Kernel, request: StartRequest, opened: Map<NamespaceType, number>): Promise<void> {
  const { config, madeAhead } = request;
  const { namespaces, uidMappings, gidMappings } = config.linux;
  openNamespaces(namespaces, opened);
  const lacks = (type: NamespaceType) => namespaceOf(config, type) === 'own' && madeAhead?.has(type) !== true;
  if (lacks('user')) {
    const maps = { uid: uidMappings ?? [], gid: gidMappings ?? [] };
    const { user } = await makeUserNamespace(kernel.zygotes, maps, { network: false });
    opened.set('user', user);
  }
  // One of the host's user namespace: in one of its own the container would have no rights over it.
  const network = lacks('network') && namespaceOf(config, 'user') === 'host' ? kernel.networks.take() : null;
  if (network !== null) opened.set('network', network);
}

/**
 * It ends as the first process execs or ends; where its zygote was killed, nothing else ends it. Its exit closes what the start
 * has opened, and lasts as long as an RCU grace period, and where the disk has to finish writes as long as that.
 */
async function reapIntermediate(loop: EventLoop, pid: number, finished: boolean): Promise<void> {
  if (pid > 0 && !finished) tryCall('kill', pid, SIGKILL);
  await untilReaped(loop, pid);
}

async function untilReaped(loop: EventLoop, pid: number): Promise<void> {
  // 0: it has not ended yet.
  if (pid <= 0 || tryCall('wait4', pid, 0, WAIT.WNOHANG, 0) !== 0) return;
  const pidfd = tryCall('pidfd_open', pid, 0);
  if (pidfd >= 0) await new HeldProcess(loop, pid, pidfd).exited;
  // No descriptor is left.
  else tryCall('wait4', pid, 0, 0, 0);
}

/** How the child fared, once it has exec'd or died. Null: well. */
function outcome(loaded: LoadedProgram, start: StartProgram, config: OciConfig): StartError | null {
  const { failure } = loaded;
  if (failure !== null) {
    const cause = new SyscallError(failure.step.syscall, failure.errno, failure.step.purpose);
    if (failure.step.syscall === 'execve') {
      return new StartError(`cannot run "${config.process.args[0] ?? ''}": ${cause.message}`, { cause, inExec: true });
    }
    const why = whyRefused(cause, config);
    return new StartError(why === null ? cause.message : `${cause.message}: ${why}`, { cause, isExplained: why !== null });
  }
  if (loaded.doneAtNs(start.lastTimed) !== null) return null;
  return killedInSetUp(loaded, start);
}

/**
 * The OOM killer ends all that share memory with its victim: a first process that met its memory limit takes its zygote with it.
 * The kill is counted where the zygote is, the limit that was met where it was.
 */
function whyUnfinished(loaded: LoadedProgram, start: StartProgram, cgroup: Cgroup): StartError {
  const isOutOfMemory = (readEventCounts(cgroup)?.memoryMax ?? 0) > 0;
  return isOutOfMemory ? killedInSetUp(loaded, start) : new StartError('a zygote was killed while it started the container');
}

function killedInSetUp(loaded: LoadedProgram, start: StartProgram): StartError {
  const reached = start.program.steps.findLast((_, i) => i >= start.begin && i <= start.lastTimed && loaded.doneAtNs(i) !== null);
  return new StartError(
    `the container's first process was killed during its set-up, after "${reached?.purpose ?? 'clone'}": its memory limit is perhaps too small`,
  );
}

function asStartError(error: unknown, limits: readonly Setting[]): unknown {
  if (!(error instanceof SyscallError)) return error;
  const refused: Record<string, string> = limits.find(({ purpose }) => purpose === error.purpose)?.refused ?? {};
  const why = refused[error.code];
  return new StartError(why === undefined ? error.message : `${error.message}: ${why}`, { cause: error });
}

function openUnified({ cgroup }: StartRequest): number | null {
  const { unified } = cgroup.layout;
  if (unified === null) return null;
  return call('open the cgroup', 'openat', AT_FDCWD, `${unified}/${cgroup.path}`, or(O, 'O_RDONLY', 'O_DIRECTORY', 'O_CLOEXEC'));
}
