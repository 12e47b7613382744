import { config } from 'zod';
import { main } from './command-line.ts';
import { Context } from './context.ts';

// One command parses few messages: compiling a function for each schema takes longer than it saves.
config({ jitless: true });

const context = new Context(process);
// No await here: the bundle is CommonJS (scripts/bundle.mjs).
void main(process.argv.slice(2), context)
  .then((exitCode) => (process.exitCode = exitCode))
  .finally(() => context[Symbol.dispose]());
