import { removeLeftoversOfOthers } from './leftovers.ts';

/** A program that removes the leftovers of killed test processes. */
removeLeftoversOfOthers();
