import { CLONE } from '../abi/clone.ts';
import { or } from '../abi/flags.ts';
import { PR, SECBIT_NO_SETUID_FIXUP } from '../abi/prctl.ts';
import { RLIMIT } from '../abi/rlimit.ts';
import { dieWithSupervisor } from '../processes/parent-death.ts';
import { Memory, Words } from '../program/argument.ts';
import { Label } from '../program/label.ts';
import { Program } from '../program/program.ts';
import { cloneArguments, CLONE_ARGS_BYTES } from '../zygote/clone-arguments.ts';

const ALL_FDS = { value: 0xffff_ffff, text: '~0U' };
/** It takes a millisecond to write its maps and open it. */
const HELD_FOR_S = 60;

/** Ids of the host. */
export interface NamespaceOwner {
  uid: number;
  gid: number;
}

export interface HolderProgram {
  program: Program;
  /** Process ids, 0 until they are cloned. Both are children of the supervisor. */
  owner: Memory;
  holder: Memory;
}

/**
 * Clones a process that becomes the owner and then clones the holder: a process in a new user namespace, which does nothing.
 * A user namespace belongs to the effective user of its creator (user_namespaces(7)). What is taken in it (inotify instances,
 * pending signals, message queues) also counts against that user (kernel/ucount.c), and so against no other container and
 * not against the host's root.
 */
export function holderProgram({ uid, gid }: NamespaceOwner, network: boolean): HolderProgram {
  const program = new Program();
  const [parent, failed] = [new Label(), new Label()];
  const [owner, holder] = [new Memory(new Uint8Array(4), '&owner'), new Memory(new Uint8Array(4), '&holder')];
  takeName(program, 'plimsoll-userns');
  program.onError = parent;
  const shared = or(
    CLONE,
    'CLONE_PARENT',
    'CLONE_PARENT_SETTID',
    'CLONE_CLEAR_SIGHAND',
    'CLONE_FILES',
    'CLONE_VFORK',
    'CLONE_VM',
  );
  program.call("make a user namespace's owner", 'clone3', [cloneArguments(shared, { pid: owner }), CLONE_ARGS_BYTES], {
    jump: parent,
  });
  program.onError = failed;
  becomeOwner(program, { uid, gid });
  const names = ['CLONE_PARENT', 'CLONE_PARENT_SETTID', 'CLONE_CLEAR_SIGHAND', 'CLONE_NEWUSER'] as const;
  const flags = or(CLONE, ...names, ...(network ? (['CLONE_NEWNET'] as const) : []));
  program.call('make a user namespace', 'clone3', [cloneArguments(flags, { pid: holder }), CLONE_ARGS_BYTES], { jump: failed });
  program.onError = undefined;
  hold(program);
  program.place(failed);
  program.onError = undefined;
  program.call('end', 'exit_group', [0]);
  program.place(parent);
  program.onError = undefined;
  takeName(program, 'plimsoll-zygote');
  return { program, owner, holder };
}

/**
 * The capabilities stay: some hosts let only CAP_SYS_ADMIN make a user namespace. The soft limits of its creator bound what its
 * processes may have together (set_userns_rlimit_max). How many processes a container may have is its cgroup's limit.
 */
function becomeOwner(program: Program, { uid, gid }: NamespaceOwner): void {
  const processes = { value: RLIMIT.RLIMIT_NPROC, text: 'RLIMIT_NPROC' };
  const unlimited = new Words([-1, -1], '{RLIM_INFINITY, RLIM_INFINITY}');
  program.call('leave processes to the cgroup', 'prlimit64', [0, processes, unlimited, 0], { tolerate: 'any' });
  const secureBits = { value: PR.PR_SET_SECUREBITS, text: 'PR_SET_SECUREBITS' };
  const noFixup = { value: SECBIT_NO_SETUID_FIXUP, text: 'SECBIT_NO_SETUID_FIXUP' };
  program.call('keep capabilities over the change of user', 'prctl', [secureBits, noFixup, 0, 0, 0], { tolerate: 'any' });
  program.call('be the owner: group', 'setresgid', [gid, gid, gid]);
  program.call('be the owner', 'setresuid', [uid, uid, uid]);
}

function hold(program: Program): void {
  dieWithSupervisor(program, { tolerate: 'any' });
  // A copy of a socket keeps it open when its supervisor is gone, and the next one would wait for it.
  program.call("close the supervisor's descriptors", 'close_range', [0, ALL_FDS, 0], { tolerate: 'any' });
  // Not for ever: the supervisor may have died before it could be said that this is to die with it.
  const seconds = new Words([HELD_FOR_S, 0], `{${HELD_FOR_S}, 0}`);
  program.call('hold it', 'nanosleep', [seconds, 0], { tolerate: 'any' });
}

/** The zygote has it while it clones, since its children begin with it. */
function takeName(program: Program, name: string): void {
  program.call('take a name', 'prctl', [{ value: PR.PR_SET_NAME, text: 'PR_SET_NAME' }, name, 0, 0, 0], { tolerate: 'any' });
}
