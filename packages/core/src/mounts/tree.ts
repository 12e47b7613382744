import { or } from '../abi/flags.ts';
import { OPEN_TREE } from '../abi/mount.ts';
import { AT, AT_FDCWD } from '../abi/open.ts';
import type { Result } from '../program/argument.ts';
import type { Program } from '../program/program.ts';

/** A copy of the mount at a path, and with `recursive` of all below it: attached nowhere, it goes with its descriptor. */
export function copyMount(program: Program, purpose: string, path: string, { recursive = false, as = 'tree' } = {}): Result {
  const flags = or(OPEN_TREE, 'OPEN_TREE_CLONE', 'OPEN_TREE_CLOEXEC');
  const below = or(AT, 'AT_RECURSIVE');
  const all = recursive ? { value: flags.value + below.value, text: `${flags.text}|${below.text}` } : flags;
  return program.call(purpose, 'open_tree', [AT_FDCWD, path, all], { as });
}
