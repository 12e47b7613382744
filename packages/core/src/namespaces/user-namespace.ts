import { closeSync, openSync, writeFileSync } from 'node:fs';
import { logFault } from '../events/guarded.ts';
import { CLONE } from '../abi/clone.ts';
import { or } from '../abi/flags.ts';
import type { OciIdMapping } from '../oci/config.ts';
import { HeldProcess } from '../processes/process.ts';
import { call, stepError, tryCall } from '../program/call.ts';
import { Label } from '../program/label.ts';
import type { LoadedProgram } from '../program/load.ts';
import { Program } from '../program/program.ts';
import { cloneArguments, CLONE_ARGS_BYTES } from '../zygote/clone-arguments.ts';
import type { ZygotePool } from '../zygote/zygote-pool.ts';
import { bringLoopbackUp } from './loopback.ts';
import { limitNamespaces } from './namespace-limits.ts';
import { rootOutside } from './root-outside.ts';
import { holderProgram } from './user-namespace-holder.ts';

const SIGKILL = 9;

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
 * ids by it. It belongs to the host id that is root in it (holderProgram). It takes a process that is in it for as long as its maps are
 * written from outside (user_namespaces(7)).
 */
export async function makeUserNamespace(
  zygotes: ZygotePool,
  maps: IdMaps,
  options: { network: boolean },
): Promise<MadeUserNamespace> {
  const made = await openNew(zygotes, maps, options.network);
  try {
    await furnish(zygotes, made);
    return made;
  } catch (error) {
    closeSync(made.user);
    if (made.network !== null) closeSync(made.network);
    throw error;
  }
}

/**
 * By way of a child that does nothing in them. It is killed when this returns, and soon gone: a network namespace is slow to
 * release it, and nothing waits for that.
 */
async function openNew(zygotes: ZygotePool, maps: IdMaps, network: boolean): Promise<MadeUserNamespace> {
  const made = holderProgram({ uid: rootOutside(maps.uid), gid: rootOutside(maps.gid) }, network);
  const { loaded, finished } = await zygotes.play(made.program);
  using undo = new DisposableStack();
  undo.use(loaded);
  const owner = loaded.readPid(made.owner);
  if (owner > 0) reap(owner, finished);
  const holder = loaded.readPid(made.holder);
  if (holder <= 0) throw whyNot(loaded, 'make a user namespace');
  undo.defer(() => reap(holder, false));
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

function reap(pid: number, isEnding: boolean): void {
  if (!isEnding) tryCall('kill', pid, SIGKILL);
  tryCall('wait4', pid, 0, 0, 0);
}

/** By a child that joins what was made, and that its zygote waits for. */
async function furnish(zygotes: ZygotePool, { user, network }: MadeUserNamespace): Promise<void> {
  const program = new Program();
  const [parent, failed] = [new Label(), new Label()];
  const flags = or(CLONE, 'CLONE_VM', 'CLONE_VFORK', 'CLONE_CLEAR_SIGHAND');
  program.onError = parent;
  const clone = program.call('enter a user namespace', 'clone3', [cloneArguments(flags, { signal: true }), CLONE_ARGS_BYTES], {
    jump: parent,
  });
  program.onError = failed;
  program.call('join the user namespace', 'setns', [user, or(CLONE, 'CLONE_NEWUSER')]);
  limitNamespaces(program);
  if (network !== null) {
    program.call('join the network namespace', 'setns', [network, or(CLONE, 'CLONE_NEWNET')]);
    bringLoopbackUp(program);
  }
  program.onError = undefined;
  program.place(failed);
  program.call('end', 'exit_group', [0]);
  program.place(parent);
  program.call('reap it', 'wait4', [clone, 0, 0, 0], { tolerate: 'any' });
  const { loaded: played, finished } = await zygotes.play(program);
  using loaded = played;
  if (!finished || loaded.failure !== null) throw whyNot(loaded, 'furnish a user namespace');
}

function whyNot({ failure }: LoadedProgram, purpose: string): Error {
  return failure === null ? new Error(`cannot ${purpose}: a zygote was killed meanwhile`) : stepError(failure);
}

function mapText(map: readonly OciIdMapping[]): string {
  return map.map(({ containerID, hostID, size }) => `${containerID} ${hostID} ${size}\n`).join('');
}
