import { or } from '../abi/flags.ts';
import { OPEN_TREE } from '../abi/mount.ts';
import { AT, AT_FDCWD } from '../abi/open.ts';
import type { Result } from '../program/argument.ts';
import type { Program } from '../program/program.ts';

/** A copy of the mount at a path or of what is open, and with `recursive` of all below it: attached nowhere, it goes with its descriptor. */
export function copyMount(
  program: Program,
  purpose: string,
  source: string | number,
  { recursive = false, as = 'tree' } = {},
): Result {
  const isOpen = typeof source === 'number';
  const clone = or(OPEN_TREE, 'OPEN_TREE_CLONE', 'OPEN_TREE_CLOEXEC');
  const more = [...(recursive ? (['AT_RECURSIVE'] as const) : []), ...(isOpen ? (['AT_EMPTY_PATH'] as const) : [])];
  const at = or(AT, ...more);
  const flags = more.length > 0 ? { value: clone.value + at.value, text: `${clone.text}|${at.text}` } : clone;
  return program.call(purpose, 'open_tree', isOpen ? [source, '', flags] : [AT_FDCWD, source, flags], { as });
}
