import { CLONE } from '../abi/clone.ts';
import { mode, or } from '../abi/flags.ts';
import { AT_FDCWD, O } from '../abi/open.ts';
import { SIG_SETMASK, SIGACTION_BYTES, SIGSET_BYTES } from '../abi/prctl.ts';
import { linkDevices } from '../mounts/dev.ts';
import { makeReadonly, maskPaths } from '../mounts/hidden.ts';
import { mountNetworkFiles, type NetworkFile } from '../mounts/network-files.ts';
import { enterRootfs, makeRootReadonly, pivotRoot, stopPropagation, type Rootfs } from '../mounts/rootfs.ts';
import { bringLoopbackUp } from '../namespaces/loopback.ts';
import { setSysctls } from '../namespaces/sysctls.ts';
import { namespaceOf, NAMESPACES } from '../namespaces/types.ts';
import type { OciConfig } from '../oci/config.ts';
import { Memory, strings, type Result } from '../program/argument.ts';
import type { Program } from '../program/program.ts';
import { rlimitsOf } from '../security/host-quotas.ts';
import { becomeRootInside, becomeUser } from '../security/identity.ts';
import { leaveKeyring } from '../security/keyring.ts';
import { setRlimits } from '../security/rlimits.ts';
import type { SeccompFilter } from '../security/seccomp/compile.ts';
import { loadFilter } from '../security/seccomp/load-filter.ts';
import { commandCandidates } from './command.ts';
import { mountAll, type PreparedMounts } from './prepared-mounts.ts';
import { isMade, type StartParts } from './start-parts.ts';
import { giveStdio, placeStdio, type OpenStdio } from './stdio.ts';
import { enterWorkingDirectory, makeWorkingDirectory } from './working-directory.ts';

/**
 * Its mount namespace has this number in the table that it shares with the intermediate process; what the supervisor has
 * there is not needed, and in its own table the standard input takes its place.
 */
export const HELD_MOUNTS = 0;
const FIRST_FD_TO_CLOSE = 3;
const ALL_FDS = { value: 0xffff_ffff, text: '~0U' };

/** What the intermediate process has taken hold of for it. */
export interface Inheritance {
  config: OciConfig;
  rootfs: Rootfs;
  parts: StartParts;
  /** Null: it has no mount namespace of its own, and its files are others'. */
  mounts: PreparedMounts | null;
  stdio: OpenStdio;
  v1Tasks: readonly Result[];
  networkFiles: readonly NetworkFile[];
  /** Adds the steps that hand it to a keeper, where there is one. */
  hold: () => void;
}

export interface FirstSteps {
  /** No later step tells that it was done. */
  lastTimed: number;
}

/** All that a container's first process does until its command is exec'd. */
export function beFirstProcess(program: Program, inherited: Inheritance): FirstSteps {
  const { config, rootfs, parts, mounts, stdio, v1Tasks, networkFiles, hold } = inherited;
  const { linux, process } = config;
  program.call('be the first process', 'getpid', []);
  // Before it joins v1's cgroups: what the kernel keeps for this is not to count as the container's memory.
  hold();
  const zero = new Memory(Uint8Array.of(0x30), '"0"');
  for (const tasks of v1Tasks) program.call('join the cgroup', 'write', [tasks, zero, 1]);
  if (isMade(config, parts, 'network')) bringLoopbackUp(program);
  if (mounts !== null) holdMounts(program);
  if (mounts !== null) stopPropagation(program);
  if (mounts !== null) enterRootfs(program, rootfs, mounts.rootfs);
  if (parts.joined.has('user')) becomeRootInside(program);
  makeLateNamespaces(program, inherited);
  const isReadonly = config.root.readonly === true;
  if (mounts !== null) mountNetworkFiles(program, networkFiles, { rootfs, readonly: isReadonly });
  const proc = mounts === null ? null : mountAll(program, config, mounts);
  if (proc !== null) setSysctls(program, linux.sysctl ?? {}, proc);
  setNames(program, config);
  if (mounts !== null) {
    pivotRoot(program);
    if (mounts.dev !== null) linkDevices(program);
    maskPaths(program, linux.maskedPaths);
    makeReadonly(program, linux.readonlyPaths);
    if (isReadonly) makeRootReadonly(program);
  }
  giveStdio(program, stdio, process.user);
  program.call('take descriptors of its own', 'unshare', [or(CLONE, 'CLONE_FILES')]);
  placeStdio(program, stdio);
  program.call("close the host's descriptors", 'close_range', [FIRST_FD_TO_CLOSE, ALL_FDS, 0]);
  program.call('begin a session', 'setsid', []);
  if (mounts !== null) makeWorkingDirectory(program, process.cwd);
  program.call('set the umask', 'umask', [mode(process.user.umask ?? 0o022)]);
  setRlimits(program, rlimitsOf(config));
  // Before any filter, which need not know of keyrings.
  leaveKeyring(program);
  const { filter } = parts;
  // Without no_new_privs the kernel takes a filter from who has CAP_SYS_ADMIN alone (seccomp(2)).
  const isEarly = filter !== null && !process.noNewPrivileges;
  let lastTimed = program.steps.length - 1;
  if (isEarly) filterSyscalls(program, filter);
  becomeUser(program, process);
  // After every descriptor of the host's is closed: /proc/self/fd/N is no way out (CVE-2024-21626).
  enterWorkingDirectory(program, process.cwd);
  resetSignals(program);
  if (!isEarly) lastTimed = program.steps.length - 1;
  if (filter !== null && !isEarly) filterSyscalls(program, filter);
  program.timed = false;
  execute(program, config);
  return { lastTimed };
}

/** HeldMounts says why. The intermediate process hands it over. A start goes well without. */
function holdMounts(program: Program): void {
  const purpose = 'hold its mounts past its end';
  const own = program.call(purpose, 'openat', [AT_FDCWD, '/proc/self/ns/mnt', or(O, 'O_RDONLY', 'O_CLOEXEC')], {
    tolerate: 'any',
  });
  program.call(purpose, 'dup3', [own, HELD_MOUNTS, 0], { tolerate: 'any' });
}

/** From here on the filter answers. The steps after are not timed: it may refuse to read a clock. */
function filterSyscalls(program: Program, filter: SeccompFilter): void {
  program.timed = false;
  loadFilter(program, filter);
}

/**
 * The root of a cgroup namespace is the cgroup that its maker is in by then (cgroup_namespaces(7)); the queues' directory of an
 * ipc namespace, /dev/mqueue, belongs to who made it, which is to be the container's root (ipc/mqueue.c).
 */
function makeLateNamespaces(program: Program, { config, parts }: Inheritance): void {
  const flags = (['cgroup', 'ipc'] as const).filter((type) => isMade(config, parts, type)).map((type) => NAMESPACES[type].flag);
  if (flags.length > 0) program.call('make its other namespaces', 'unshare', [or(CLONE, ...flags)]);
}

function setNames(program: Program, config: OciConfig): void {
  const { hostname, domainname } = config;
  if (namespaceOf(config, 'uts') !== 'own') return;
  if (hostname !== undefined) program.call('set the hostname', 'sethostname', [hostname, Buffer.byteLength(hostname)]);
  if (domainname !== undefined) {
    program.call('set the domain name', 'setdomainname', [domainname, Buffer.byteLength(domainname)]);
  }
}

/** Node ignores these two, and what is ignored stays so over clone and exec. */
const IGNORED_BY_NODE = [
  { value: 13, text: 'SIGPIPE' },
  { value: 25, text: 'SIGXFSZ' },
] as const;

/** The mask that the zygote was made with, and what Node had ignored, back to how a program expects them. */
function resetSignals(program: Program): void {
  const byDefault = new Memory(new Uint8Array(SIGACTION_BYTES), '{SIG_DFL}');
  for (const signal of IGNORED_BY_NODE) {
    program.call(`let ${signal.text} do what it does`, 'rt_sigaction', [signal, byDefault, 0, SIGSET_BYTES]);
  }
  const none = new Memory(new Uint8Array(SIGSET_BYTES), '[]');
  program.call('unblock signals', 'rt_sigprocmask', [{ value: SIG_SETMASK, text: 'SIG_SETMASK' }, none, 0, SIGSET_BYTES]);
}

/** execve returns only where it failed: the next candidate is tried then, as execvp(3) does. */
function execute(program: Program, { process: { args, env } }: OciConfig): void {
  const argv = strings(args);
  const envp = strings(env, `[${env.length} variables]`);
  const candidates = commandCandidates(args[0] ?? '', env);
  candidates.forEach((path, i) => {
    const last = i === candidates.length - 1;
    program.call(`run ${path}`, 'execve', [path, argv, envp], last ? {} : { tolerate: ['ENOENT', 'ENOTDIR', 'EACCES'] });
  });
}
