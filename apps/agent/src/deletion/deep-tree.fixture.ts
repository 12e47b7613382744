import { closeSync, constants, mkdirSync, openSync } from 'node:fs';

/** So many directories below each other, whose path may be longer than any call takes. */
export function makeChain(top: string, depth: number, name: string): void {
  let fd = openSync(top, constants.O_RDONLY | constants.O_DIRECTORY);
  for (let i = 0; i < depth; i++) {
    const below = `/proc/self/fd/${fd}/${name}`;
    mkdirSync(below);
    const next = openSync(below, constants.O_RDONLY | constants.O_DIRECTORY);
    closeSync(fd);
    fd = next;
  }
  closeSync(fd);
}
