import { closeSync, openSync, writeFileSync } from 'node:fs';
import { CLONE } from '../abi/clone.ts';
import { or } from '../abi/flags.ts';
import type { EventLoop } from '../events/event-loop.ts';
import type { OciIdMapping } from '../oci/config.ts';
import { HeldProcess } from '../processes/process.ts';
import { Memory } from '../program/argument.ts';
import { call, stepError } from '../program/call.ts';
import { Label } from '../program/label.ts';
import type { LoadedProgram } from '../program/load.ts';
import { Program } from '../program/program.ts';
import { cloneArguments, CLONE_ARGS_BYTES } from '../zygote/clone-arguments.ts';
import type { ZygotePool } from '../zygote/zygote-pool.ts';
import { bringLoopbackUp } from './loopback.ts';

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

interface Parts {
  loop: EventLoop;
  zygotes: ZygotePool;
}

/**
 * A user namespace with its id maps, held by a descriptor: for the containers that will join it and the mounts that will show
 * ids by it. It takes a process that is in it for as long as its maps are written from outside (user_namespaces(7)).
 */
export async function makeUserNamespace(parts: Parts, maps: IdMaps, wishes: { network: boolean }): Promise<MadeUserNamespace> {
  const { holder, program } = await cloneHolder(parts, wishes.network);
  // It runs in the program's memory until it is gone.
  using _ = program;
  const opened: number[] = [];
  try {
    const of = `/proc/${holder.pid}`;
    writeFileSync(`${of}/uid_map`, mapText(maps.uid));
    writeFileSync(`${of}/gid_map`, mapText(maps.gid));
    const user = openSync(`${of}/ns/user`, 'r');
    opened.push(user);
    if (!wishes.network) return { user, network: null };
    const network = openSync(`${of}/ns/net`, 'r');
    opened.push(network);
    await raiseLoopback(parts, user, network);
    return { user, network };
  } catch (error) {
    for (const fd of opened) closeSync(fd);
    throw error;
  } finally {
    holder.signal(SIGKILL);
    await holder.exited;
  }
}

/** A child that does nothing, in namespaces of its own. */
async function cloneHolder({ loop, zygotes }: Parts, network: boolean): Promise<{ holder: HeldProcess; program: LoadedProgram }> {
  const program = new Program();
  const parent = new Label();
  const pid = new Memory(new Uint8Array(4), '&pid');
  const names = ['CLONE_PARENT', 'CLONE_PARENT_SETTID', 'CLONE_CLEAR_SIGHAND', 'CLONE_NEWUSER'] as const;
  const flags = or(CLONE, ...names, ...(network ? (['CLONE_NEWNET'] as const) : []));
  program.onError = parent;
  program.call('make a user namespace', 'clone3', [cloneArguments(flags, { pid }), CLONE_ARGS_BYTES], { jump: parent });
  program.onError = undefined;
  program.call('hold it', 'pause', [], { tolerate: 'any' });
  program.call('end', 'exit_group', [0]);
  program.place(parent);
  const { loaded } = await zygotes.play(program);
  try {
    const made = new DataView(loaded.read(pid).slice().buffer).getInt32(0, true);
    if (made <= 0) throw whyNot(loaded, 'make a user namespace');
    const pidfd = call('hold the process of a user namespace', 'pidfd_open', made, 0);
    return { holder: new HeldProcess(loop, made, pidfd), program: loaded };
  } catch (error) {
    loaded[Symbol.dispose]();
    throw error;
  }
}

/** By a child that joins both, and that its zygote waits for. */
async function raiseLoopback({ zygotes }: Parts, user: number, network: number): Promise<void> {
  const program = new Program();
  const [parent, failed] = [new Label(), new Label()];
  const flags = or(CLONE, 'CLONE_VFORK', 'CLONE_CLEAR_SIGHAND');
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
