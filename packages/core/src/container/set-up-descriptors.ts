import { Result } from '../program/argument.ts';
import { tryCall } from '../program/call.ts';
import type { LoadedProgram } from '../program/load.ts';
import { Program } from '../program/program.ts';
import type { ZygotePool } from '../zygote/zygote-pool.ts';
import type { StartProgram } from './start-program.ts';

const OPENING = new Set(['openat', 'openat2', 'open_tree', 'fsopen', 'fsmount', 'socket']);
/** This and less are this process's own; a step that was not come to has 0 for its result. */
const STANDARD_ERROR = 2;

/** What a start has opened in the table that it shares with this process, and has not closed. */
export function leftOpen(loaded: LoadedProgram, { program, ownDescriptors }: StartProgram): number[] {
  const open = new Map<number, number>();
  for (const [index, { syscall, arguments: args }] of program.steps.slice(0, ownDescriptors).entries()) {
    const result = loaded.result(index);
    if (OPENING.has(syscall) && result > STANDARD_ERROR) open.set(index, result);
    if (syscall === 'close' && args[0] instanceof Result && loaded.doneAtNs(index) !== null) open.delete(args[0].step);
  }
  return [...open.values()];
}

/**
 * Closes descriptors in a zygote, which shares this process's table: the last close of a mount waits for RCU and the disk. `share`: of the
 * container, whose writes the disk may have to finish first.
 */
export async function closeInZygote(zygotes: ZygotePool, descriptors: readonly number[], share: string): Promise<void> {
  const program = new Program();
  program.timed = true;
  for (const fd of descriptors) program.call('let go of it', 'close', [fd], { tolerate: 'any' });
  const { loaded: played, finished } = await zygotes.play(program, { share, closes: true });
  using loaded = played;
  if (finished) return;
  // It was killed; the rest is closed here.
  descriptors.forEach((fd, index) => loaded.doneAtNs(index) ?? tryCall('close', fd));
}
