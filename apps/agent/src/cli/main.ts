import { config } from 'zod';
import { main } from './command-line.ts';
import { Context } from './context.ts';

// One command parses few messages: compiling a function for each schema takes longer than it saves.
config({ jitless: true });

/** Loaded when it is wanted: that takes some milliseconds. */
function closeDebugger(): boolean {
  const inspector = process.getBuiltinModule('node:inspector');
  if (inspector.url() === undefined) return false;
  inspector.close();
  return true;
}

const context = new Context(process, { closeDebugger });
// No await here: the bundle is CommonJS (scripts/bundle.mjs).
void main(process.argv.slice(2), context)
  .then((exitCode) => (process.exitCode = exitCode))
  .finally(() => context[Symbol.dispose]());
