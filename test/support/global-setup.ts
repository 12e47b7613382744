import { removeLeftoversOfOthers } from './leftovers.ts';

/** Removes the leftovers of killed test processes, before the first and after the last file of a run. */
export function setup(): () => void {
  removeLeftoversOfOthers();
  return removeLeftoversOfOthers;
}
