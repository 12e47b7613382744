import { removeLeftoversOfOthers } from './leftovers.ts';

/** Before the first and after the last file of a run: what test processes left that were killed. */
export function setup(): () => void {
  removeLeftoversOfOthers();
  return removeLeftoversOfOthers;
}
