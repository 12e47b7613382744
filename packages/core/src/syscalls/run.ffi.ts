import koffi from 'koffi';
import { mappedRunner } from './memory.ffi.ts';

const RUN = koffi.proto('size_t plimsoll_run(size_t entry)');

/**
 * Plays the program whose first entry is at `entry`, on this thread, and returns at its end: 0, or the address of the
 * entry that failed with nowhere to go. Main thread only: koffi crashes in worker threads.
 */
export function runProgram(entry: number): number {
  return Number(koffi.call(mappedRunner().pointer, RUN, entry));
}
