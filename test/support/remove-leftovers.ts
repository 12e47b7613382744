import { removeLeftoversOfOthers } from './leftovers.ts';

/** A program: removes what test processes left that are gone. */
removeLeftoversOfOthers();
