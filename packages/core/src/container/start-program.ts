import { CLONE } from '../abi/clone.ts';
import { or } from '../abi/flags.ts';
import { PR } from '../abi/prctl.ts';
import { AT_FDCWD, O } from '../abi/open.ts';
import { ONE_DESCRIPTOR } from '../abi/socket.ts';
import type { Cgroup } from '../cgroups/cgroup.ts';
import type { Hold } from '../keeper/hold.ts';
import { clearUmask } from '../mounts/dev.ts';
import type { BindSources } from '../mounts/bind-source.ts';
import type { NetworkFile } from '../mounts/network-files.ts';
import type { Rootfs } from '../mounts/rootfs.ts';
import { entersTimeAtExec, makeClocks } from '../namespaces/clocks.ts';
import { joinNamespaces, type JoinedNamespaces } from '../namespaces/join.ts';
import { namespaceOf, NAMESPACES } from '../namespaces/types.ts';
import type { OciConfig, OciMount } from '../oci/config.ts';
import { oneDescriptor } from '../processes/descriptor-message.ts';
import { dieWithSupervisor } from '../processes/parent-death.ts';
import { Memory, Within, type Result } from '../program/argument.ts';
import { closeAllBut } from '../program/close-all-but.ts';
import { Label } from '../program/label.ts';
import { Program } from '../program/program.ts';
import { writeFile } from '../program/write-file.ts';
import { setLabels } from '../security/labels.ts';
import { cloneArguments, CLONE_ARGS_BYTES } from '../zygote/clone-arguments.ts';
import { beFirstProcess, HELD_MOUNTS } from './first-process.ts';
import { prepareMounts } from './prepared-mounts.ts';
import { isMade, type StartParts } from './start-parts.ts';
import { openStdio, type Stdio } from './stdio.ts';
import { SET_SCORE } from './why-refused.ts';

const STANDARD = [0, 1, 2];

/** What a start is made of, beside the config: where on this host its parts lie. */
export interface StartRequest {
  /** A checked config (validateConfig). */
  config: OciConfig;
  cgroup: Cgroup;
  rootfs: Rootfs;
  stdio: Stdio;
  /** Namespaces that were made ahead for those of the config that are its own; the start does not close them. */
  madeAhead?: JoinedNamespaces;
  /** Sources of its binds, which the start does not close. Without them it opens them by their paths. */
  sources?: BindSources;
  /** Mounted over those of the image, before all that is in its config. */
  networkFiles?: readonly NetworkFile[];
  /** Registers the first process with a keeper. Without it the exit status is lost where the process ends after this one and before its successor. */
  hold?: Hold;
  /** Starts of one share have at most half of the zygotes. The cgroup's parent, where nothing else is said. */
  share?: string;
  /** Ends the start while it is under way, with its reason (an Error). */
  signal?: AbortSignal;
  /** For tests: the time that a start has, in place of 30 s. */
  withinMs?: number;
}

/** The program of a start, and the steps that its caller asks for afterwards. */
export interface StartProgram {
  program: Program;
  /** Process ids of the two that it clones, 0 until then. */
  intermediate: Memory;
  first: Memory;
  /** First step after the first clone, the last one that is timed, and execve's last candidate. */
  begin: number;
  lastTimed: number;
  last: number;
  /** The first one that reads the container's own clock; the one after the last where none does. */
  firstInTime: number;
  /** Binds that do without the container's ids where the kernel refuses that, and the step of each that has asked for them. */
  idMaps: ReadonlyMap<OciMount, Result>;
}

/**
 * Everything from the first clone3 to execve, to be played by a zygote. Two processes are cloned:
 *
 * - the *intermediate* one has the rights of the host's root at first, by which it takes hold of what the container will get of
 *   the host (files, mounts, devices, others' namespaces). It then enters the user namespace, and clones
 * - the *first process* of the container, in all its other namespaces, which belong to the user namespace so.
 *
 * CLONE_PARENT: both are children of the supervisor. CLONE_VFORK: the zygote goes on, and answers, when the first process has
 * exec'd or is dead.
 *
 * The intermediate process copies the supervisor's descriptors, and closes all but those that the start needs. The first process
 * shares this table (CLONE_FILES) until its set-up is over. So whatever a kill interrupts, nothing stays open. The
 * intermediate process is the last to have the table: where mounts are closed the kernel waits for RCU grace periods, which happens in its
 * exit and not in the way of the command's first instructions.
 *
 * The intermediate process dies with the supervisor: no start comes to a first process any more. A first process goes on, and the
 * next supervisor adopts it.
 */
export function startProgram(request: StartRequest, parts: StartParts): StartProgram {
  const { config, cgroup, rootfs, stdio, hold } = request;
  const program = new Program();
  const [parent, failed, died, ended] = [new Label(), new Label(), new Label(), new Label()];
  const intermediate = new Memory(new Uint8Array(4), '&intermediate');
  const first = new Memory(new Uint8Array(4), '&pid');
  const firstPidfd = oneDescriptor();

  program.timed = true;
  program.call('begin', 'getpid', []);
  program.onError = parent;
  const asOwn = { pid: intermediate, sharesMemory: !parts.joined.has('time'), sharesDescriptors: false };
  clone(program, 'make the intermediate process', asOwn, parent);
  program.onError = failed;
  const begin = program.steps.length;
  program.call('be the intermediate process', 'prctl', [
    { value: PR.PR_SET_NAME, text: 'PR_SET_NAME' },
    'plimsoll-start',
    0,
    0,
    0,
  ]);
  dieWithSupervisor(program);
  closeAllBut(program, "close the supervisor's descriptors", descriptorsOf(request, parts));
  clearUmask(program);
  const { oomScoreAdj } = config.process;
  if (oomScoreAdj !== undefined) {
    writeFile(program, SET_SCORE, '/proc/self/oom_score_adj', String(oomScoreAdj));
  }
  setLabels(program, config.process);
  const opened = openStdio(program, stdio);
  const v1Tasks = openV1Tasks(program, cgroup);
  const mounts = namespaceOf(config, 'mount') === 'own' ? prepareMounts(program, config, request, parts) : null;
  joinNamespaces(program, parts.joined);
  if (parts.joined.has('user')) dieWithSupervisor(program);
  if (isMade(config, parts, 'time')) makeClocks(program, config.linux.timeOffsets);
  const flags = (['pid', 'mount', 'uts', 'network'] as const)
    .filter((type) => isMade(config, parts, type))
    .map((type) => NAMESPACES[type].flag);
  const sharesMemory = !isMade(config, parts, 'time') || entersTimeAtExec();
  const pidfd = new Within(firstPidfd, ONE_DESCRIPTOR.fd, '&pidfd');
  const asFirst = { pid: first, pidfd, cgroup: parts.cgroup, namespaces: flags, sharesMemory, sharesDescriptors: true };
  clone(program, 'make the first process', asFirst, ended);

  const joinsTime = program.steps.findIndex(({ purpose }) => purpose === 'join the time namespace');
  const begins = program.steps.length;
  program.onError = died;
  const { lastTimed } = beFirstProcess(program, {
    ...{ config, rootfs, parts, mounts, stdio: opened, v1Tasks, networkFiles: request.networkFiles ?? [] },
    hold: () => hold?.addTo(program, firstPidfd),
  });
  const last = program.steps.length - 1;
  const firstInTime = joinsTime >= 0 ? joinsTime : sharesMemory ? last + 1 : begins;
  program.timed = false;
  program.place(ended);
  program.onError = failed;
  if (mounts !== null) parts.handover.addTo(program, 'hand its mounts to the supervisor', HELD_MOUNTS);
  program.onError = undefined;
  program.call('end', 'exit_group', [0]);
  for (const label of [died, failed]) {
    program.place(label);
    program.call('end', 'exit_group', [127]);
  }
  program.place(parent);
  const idMaps = new Map<OciMount, Result>();
  for (const { mount, idMap } of mounts?.binds.values() ?? []) if (idMap !== null) idMaps.set(mount, idMap);
  return { program, intermediate, first, begin, lastTimed, last, firstInTime, idMaps };
}

/** What the intermediate process keeps of the supervisor's descriptors. */
function descriptorsOf({ hold }: StartRequest, { cgroup, joined, sources, handover }: StartParts): number[] {
  const needed = [...joined.values(), ...sources.descriptors, ...(hold?.descriptors ?? []), handover.send];
  // Its own come behind the standard ones, which the container's replace.
  return [...STANDARD, ...(cgroup === null ? [] : [cgroup]), ...needed];
}

interface CloneOptions {
  pid: Memory;
  pidfd?: Within;
  cgroup?: number | null;
  namespaces?: readonly (keyof typeof CLONE)[];
  /** With its maker, until exec. */
  sharesMemory: boolean;
  sharesDescriptors: boolean;
}

/**
 * Not timed: the parent comes back from it last, and would overwrite what the child wrote.
 *
 * As with vfork(2), the child shares the memory of who clones it, which waits for its exec: no page table is copied, and none
 * torn down. That takes a runner that needs no stack. Who joins a time namespace may share none (timens_install).
 */
function clone(program: Program, purpose: string, options: CloneOptions, jump: Label): void {
  const { pid, pidfd, cgroup = null, namespaces = [], sharesMemory, sharesDescriptors } = options;
  const names: (keyof typeof CLONE)[] = [
    'CLONE_PARENT',
    'CLONE_PARENT_SETTID',
    'CLONE_VFORK',
    'CLONE_CLEAR_SIGHAND',
    ...namespaces,
  ];
  if (sharesMemory) names.push('CLONE_VM');
  if (sharesDescriptors) names.push('CLONE_FILES');
  if (pidfd !== undefined) names.push('CLONE_PIDFD');
  if (cgroup !== null) names.push('CLONE_INTO_CGROUP');
  program.timed = false;
  const args = cloneArguments(or(CLONE, ...names), {
    pid,
    ...(pidfd !== undefined && { pidfd }),
    ...(cgroup !== null && { cgroup }),
  });
  program.call(purpose, 'clone3', [args, CLONE_ARGS_BYTES], { jump });
  program.timed = true;
}

/**
 * `tasks`, not cgroup.procs: for a process of one thread they do the same, but only the former spares the kernel
 * the host-wide lock over all threadgroups, whose first taking waits for an RCU grace period, some 20 ms
 * (kernel/cgroup/cgroup.c, cgroup_procs_write_start).
 */
function openV1Tasks(program: Program, cgroup: Cgroup): Result[] {
  return cgroup.v1Mounts.map((mount) => {
    const path = `${mount}/${cgroup.path}/tasks`;
    return program.call(`open the cgroup in ${mount}`, 'openat', [AT_FDCWD, path, or(O, 'O_WRONLY', 'O_CLOEXEC')], {
      as: `tasks of ${mount}`,
    });
  });
}
