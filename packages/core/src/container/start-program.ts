import { CLONE } from '../abi/clone.ts';
import { mode, or } from '../abi/flags.ts';
import { AT_FDCWD, O } from '../abi/open.ts';
import { SIG_SETMASK, SIGACTION_BYTES, SIGSET_BYTES } from '../abi/prctl.ts';
import type { Cgroup } from '../cgroups/cgroup.ts';
import { clearUmask, makeDevices } from '../mounts/devices.ts';
import { makeReadonly, maskPaths } from '../mounts/hidden.ts';
import { mountInside } from '../mounts/mount.ts';
import { mountRootfs, pivotRoot, stopPropagation, type Rootfs } from '../mounts/rootfs.ts';
import type { NamespaceType, OciConfig } from '../oci/config.ts';
import { Memory, Words, strings, type Result } from '../program/argument.ts';
import { Label } from '../program/label.ts';
import { Program } from '../program/program.ts';
import { bringLoopbackUp } from '../namespaces/loopback.ts';
import { becomeUser } from '../security/identity.ts';
import { commandCandidates } from './command.ts';
import { openOutput, placeStdio, type Stdio } from './stdio.ts';

/** What a start is made of, beside the config: where on this host its parts lie. */
export interface StartRequest {
  /** A checked config (validateConfig). */
  config: OciConfig;
  cgroup: Cgroup;
  rootfs: Rootfs;
  stdio: Stdio;
}

/** clone3's flags. The cgroup namespace comes later: it takes as its root the cgroup that its creator is in by then. */
const CLONE_FLAGS: Record<Exclude<NamespaceType, 'cgroup'>, keyof typeof CLONE> = {
  pid: 'CLONE_NEWPID',
  mount: 'CLONE_NEWNS',
  uts: 'CLONE_NEWUTS',
  ipc: 'CLONE_NEWIPC',
  network: 'CLONE_NEWNET',
  user: 'CLONE_NEWUSER',
  time: 'CLONE_NEWTIME',
};

const FIRST_FD_TO_CLOSE = 3;
const ALL_FDS = { value: 0xffff_ffff, text: '~0U' };

/** The program of a start, and the steps that its caller asks for afterwards. */
export interface StartProgram {
  program: Program;
  clone: Result;
  pidfd: Memory;
  /** First step of the child, and the last one before its execve. */
  firstOfChild: number;
  lastBeforeExec: number;
}

/** Descriptors that the start program uses, of this process and so of its zygotes. */
export interface StartDescriptors {
  /** The container's directory in the v2 tree; null on pure v1. */
  cgroup: number | null;
  /** A network namespace made ahead, to be joined; null: clone3 makes one. */
  network: number | null;
}

/**
 * Everything from clone3 to execve, to be played by a zygote. CLONE_VFORK: the zygote goes on, and answers, when the child has
 * exec'd or is dead.
 */
export function startProgram({ config, cgroup, rootfs, stdio }: StartRequest, fds: StartDescriptors): StartProgram {
  const program = new Program();
  const parent = new Label();
  const died = new Label();
  const pidfd = new Memory(new Uint8Array(4), '&pidfd');

  program.timed = true;
  program.call('begin', 'getpid', []);
  program.onError = parent;
  // Not timed: the zygote comes back from it last, and would overwrite what the child wrote.
  program.timed = false;
  const clone = program.call('make the first process', 'clone3', [cloneArguments(config, pidfd, fds), CLONE_ARGS_BYTES], {
    jump: parent,
  });
  program.timed = true;
  program.onError = died;
  const firstOfChild = program.call('be the first process', 'getpid', []).step;

  joinV1Cgroups(program, cgroup);
  if (fds.network !== null) program.call('join the network namespace', 'setns', [fds.network, or(CLONE, 'CLONE_NEWNET')]);
  else if (isolates(config, 'network')) bringLoopbackUp(program);
  if (isolates(config, 'cgroup')) program.call('make the cgroup namespace', 'unshare', [or(CLONE, 'CLONE_NEWCGROUP')]);
  const output = openOutput(program, stdio);
  stopPropagation(program);
  clearUmask(program);
  mountRootfs(program, rootfs);
  for (const mount of config.mounts) mountInside(program, mount);
  if (config.hostname !== undefined) {
    program.call('set the hostname', 'sethostname', [config.hostname, Buffer.byteLength(config.hostname)]);
  }
  pivotRoot(program);
  makeDevices(program);
  maskPaths(program, config.linux.maskedPaths);
  makeReadonly(program, config.linux.readonlyPaths);
  placeStdio(program, output);
  program.call("close the host's descriptors", 'close_range', [FIRST_FD_TO_CLOSE, ALL_FDS, 0]);
  program.call('begin a session', 'setsid', []);
  program.call('set the umask', 'umask', [mode(config.process.user.umask ?? 0o022)]);
  becomeUser(program, config.process);
  // After every descriptor of the host's is closed: /proc/self/fd/N is no way out (CVE-2024-21626).
  program.call(`enter the working directory ${config.process.cwd}`, 'chdir', [config.process.cwd]);
  resetSignals(program);
  const lastBeforeExec = program.steps.length - 1;
  program.timed = false;
  execute(program, config);

  program.place(died);
  program.onError = undefined;
  program.call('end the child', 'exit_group', [127]);

  program.place(parent);
  return { program, clone, pidfd, firstOfChild, lastBeforeExec };
}

export function isolates(config: OciConfig, type: NamespaceType): boolean {
  return config.linux.namespaces.some((namespace) => namespace.type === type);
}

/** struct clone_args, CLONE_ARGS_SIZE_VER2 (clone(2)): 11 words, the cgroup's descriptor last. */
const CLONE_ARGS_BYTES = 88;

function cloneArguments(config: OciConfig, pidfd: Memory, fds: StartDescriptors): Words {
  const names: (keyof typeof CLONE)[] = ['CLONE_PARENT', 'CLONE_VFORK', 'CLONE_PIDFD', 'CLONE_CLEAR_SIGHAND'];
  for (const { type } of config.linux.namespaces) {
    if (type !== 'cgroup' && !(type === 'network' && fds.network !== null)) names.push(CLONE_FLAGS[type]);
  }
  if (fds.cgroup !== null) names.push('CLONE_INTO_CGROUP');
  const flags = or(CLONE, ...names);
  // With CLONE_PARENT the exit signal is the zygote's, SIGCHLD, and none may be given.
  return new Words([flags, pidfd, 0, 0, 0, 0, 0, 0, 0, 0, fds.cgroup ?? 0], `{${flags.text}}`);
}

/**
 * "0" to `tasks`, not to cgroup.procs: for a process of one thread they do the same, but only the former spares the kernel
 * the host-wide lock over all threadgroups, whose first taking waits for an RCU grace period, some 20 ms
 * (kernel/cgroup/cgroup.c, cgroup_procs_write_start).
 */
function joinV1Cgroups(program: Program, cgroup: Cgroup): void {
  for (const mount of cgroup.v1Mounts) {
    const purpose = `join the cgroup in ${mount}`;
    const path = `${mount}/${cgroup.path}/tasks`;
    const file = program.call(purpose, 'openat', [AT_FDCWD, path, or(O, 'O_WRONLY', 'O_CLOEXEC')], { as: 'tasks' });
    program.call(purpose, 'write', [file, new Memory(Uint8Array.of(0x30), '"0"'), 1]);
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
