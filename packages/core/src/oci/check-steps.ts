import { commandCandidates } from '../container/command.ts';
import { InvalidConfig } from './check.ts';
import type { OciConfig } from './config.ts';

/** Directories of a PATH: each is a step of a start, which tries to exec the command in it. */
const MOST_CANDIDATES = 256;
/** Bytes of all paths that mount points are resolved by: one for each part of a destination, from the root down to it. */
const MOST_RESOLVED_BYTES = 1024 * 1024;

/**
 * Throws InvalidConfig for a checked config of which a start would be too large a program: all starts share one region of memory. It is for
 * new containers and for starts; what is there already stays readable.
 */
export function checkSteps({ process: { args, env }, mounts }: OciConfig): void {
  const candidates = commandCandidates(args[0] ?? '', env).length;
  if (candidates > MOST_CANDIDATES) {
    const why = `has a PATH of ${candidates} directories, and a command is looked for in at most ${MOST_CANDIDATES}`;
    throw new InvalidConfig('process.env', `${why}: name the command by its whole path, or shorten PATH`);
  }
  let bytes = 0;
  mounts.forEach(({ destination }, i) => {
    const parts = destination.split('/').length - 1;
    bytes += parts * destination.length;
    if (bytes <= MOST_RESOLVED_BYTES) return;
    const why = `has ${parts} parts and ${destination.length} characters, which is too deep with the mounts before it`;
    throw new InvalidConfig(`mounts.${i}.destination`, `${why}: choose shorter destinations`);
  });
}
