import { closeSync, openSync, writeFileSync } from 'node:fs';
import { logFault } from '../events/guarded.ts';
import { CLONE } from '../abi/clone.ts';
import { or } from '../abi/flags.ts';
import { PR } from '../abi/prctl.ts';
import type { OciIdMapping } from '../oci/config.ts';
import { Memory, Words } from '../program/argument.ts';
import { HeldProcess } from '../processes/process.ts';
import { call, stepError, tryCall } from '../program/call.ts';
import { Label } from '../program/label.ts';
import type { LoadedProgram } from '../program/load.ts';
import { Program } from '../program/program.ts';
import { cloneArguments, CLONE_ARGS_BYTES } from '../zygote/clone-arguments.ts';
import type { ZygotePool } from '../zygote/zygote-pool.ts';
import { bringLoopbackUp } from './loopback.ts';

const SIGKILL = 9;
const ALL_FDS = { value: 0xffff_ffff, text: '~0U' };
/** It takes a millisecond to write its maps and open it. */
const HELD_FOR_S = 60;

export interface IdMaps {
  uid: readonly OciIdMapping[];
  gid: readonly OciIdMapping[];
}

/** Descriptors that are the caller's to close. */
export interface MadeUserNamespace {
  user: number;
  /** A network namespace that belongs to it, its loopback device up. */
  network: number | null;
}

/**
 * A user namespace with its id maps, held by a descriptor: for the containers that will join it and the mounts that will show
 * ids by it. It takes a process that is in it for as long as its maps are written from outside (user_namespaces(7)).
 */
export async function makeUserNamespace(
  zygotes: ZygotePool,
  maps: IdMaps,
  options: { network: boolean },
): Promise<MadeUserNamespace> {
  const made = await openNew(zygotes, maps, options.network);
  if (made.network === null) return made;
  try {
    await raiseLoopback(zygotes, made.user, made.network);
    return made;
  } catch (error) {
    closeSync(made.user);
    closeSync(made.network);
    throw error;
  }
}

/**
 * By way of a child that does nothing in them. It is killed when this returns, and soon gone: a network namespace is long in
 * letting go of it, and nothing waits for that.
 */
async function openNew(zygotes: ZygotePool, maps: IdMaps, network: boolean): Promise<MadeUserNamespace> {
  const { program, pid } = holderProgram(network);
  const { loaded } = await zygotes.play(program);
  using undo = new DisposableStack();
  undo.use(loaded);
  const holder = new DataView(loaded.read(pid).slice().buffer).getInt32(0, true);
  if (holder <= 0) throw whyNot(loaded, 'make a user namespace');
  undo.defer(() => end(holder));
  const held = new HeldProcess(zygotes.loop, holder, call('watch who holds it', 'pidfd_open', holder, 0));
  undo.move();
  // It runs in the program's memory for as long as it lives.
  held.exited.then(() => loaded[Symbol.dispose]()).catch((error: unknown) => logFault('the end of a user namespace', error));
  const opened: number[] = [];
  const open = (file: string): number => {
    opened.push(openSync(`/proc/${holder}/ns/${file}`, 'r'));
    return opened.at(-1) ?? -1;
  };
  try {
    writeFileSync(`/proc/${holder}/uid_map`, mapText(maps.uid));
    writeFileSync(`/proc/${holder}/gid_map`, mapText(maps.gid));
    return { user: open('user'), network: network ? open('net') : null };
  } catch (error) {
    for (const fd of opened) closeSync(fd);
    throw error;
  } finally {
    held.signal(SIGKILL);
  }
}

function end(holder: number): void {
  tryCall('kill', holder, SIGKILL);
  tryCall('wait4', holder, 0, 0, 0);
}

function holderProgram(network: boolean): { program: Program; pid: Memory } {
  const program = new Program();
  const parent = new Label();
  const pid = new Memory(new Uint8Array(4), '&pid');
  const names = ['CLONE_PARENT', 'CLONE_PARENT_SETTID', 'CLONE_CLEAR_SIGHAND', 'CLONE_NEWUSER'] as const;
  const flags = or(CLONE, ...names, ...(network ? (['CLONE_NEWNET'] as const) : []));
  program.onError = parent;
  program.call('make a user namespace', 'clone3', [cloneArguments(flags, { pid }), CLONE_ARGS_BYTES], { jump: parent });
  program.onError = undefined;
  program.call('die with the supervisor', 'prctl', [{ value: PR.PR_SET_PDEATHSIG, text: 'PR_SET_PDEATHSIG' }, SIGKILL, 0, 0, 0], {
    tolerate: 'any',
  });
  program.call('take a name', 'prctl', [{ value: PR.PR_SET_NAME, text: 'PR_SET_NAME' }, 'plimsoll-userns', 0, 0, 0]);
  // A copy of a socket keeps it open when its supervisor is gone: the next one would take it for alive.
  program.call("close the supervisor's descriptors", 'close_range', [0, ALL_FDS, 0], { tolerate: 'any' });
  // Not for ever: the supervisor may have died before it could be said that this is to die with it.
  const seconds = new Words([HELD_FOR_S, 0], `{${HELD_FOR_S}, 0}`);
  program.call('hold it', 'nanosleep', [seconds, 0], { tolerate: 'any' });
  program.call('end', 'exit_group', [0]);
  program.place(parent);
  return { program, pid };
}

/** By a child that joins both, and that its zygote waits for. */
async function raiseLoopback(zygotes: ZygotePool, user: number, network: number): Promise<void> {
  const program = new Program();
  const [parent, failed] = [new Label(), new Label()];
  const flags = or(CLONE, 'CLONE_VM', 'CLONE_VFORK', 'CLONE_CLEAR_SIGHAND');
  program.onError = parent;
  const clone = program.call('enter a network namespace', 'clone3', [cloneArguments(flags, { signal: true }), CLONE_ARGS_BYTES], {
    jump: parent,
  });
  program.onError = failed;
  program.call('join the user namespace', 'setns', [user, or(CLONE, 'CLONE_NEWUSER')]);
  program.call('join the network namespace', 'setns', [network, or(CLONE, 'CLONE_NEWNET')]);
  bringLoopbackUp(program);
  program.onError = undefined;
  program.place(failed);
  program.call('end', 'exit_group', [0]);
  program.place(parent);
  program.call('reap it', 'wait4', [clone, 0, 0, 0], { tolerate: 'any' });
  const { loaded: played, finished } = await zygotes.play(program);
  using loaded = played;
  if (!finished || loaded.failure !== null) throw whyNot(loaded, 'bring the loopback device up');
}

function whyNot({ failure }: LoadedProgram, purpose: string): Error {
  return failure === null ? new Error(`cannot ${purpose}: a zygote was killed meanwhile`) : stepError(failure);
}

function mapText(map: readonly OciIdMapping[]): string {
  return map.map(({ containerID, hostID, size }) => `${containerID} ${hostID} ${size}\n`).join('');
}
