import { ownDirectory } from './leftovers.ts';

// Before each file of tests: whatever these make goes when their process is ended by a signal.
ownDirectory();
