import { afterEach } from 'vitest';
import { takeLastWords } from './last-words.ts';
import { ownDirectory } from './leftovers.ts';

// Before each file of tests: whatever these make goes when their process is ended by a signal.
ownDirectory();

// The last hook of a test: its worlds have ended.
afterEach(({ task }) => {
  const words = takeLastWords();
  if (task.result?.state !== 'fail') return;
  const errors = words.map((said) => new Error(said));
  if (errors.length > 0) throw new AggregateError(errors, words.join('\n'));
});
