import { LoadedProgram } from '../program/load.ts';
import { Program } from '../program/program.ts';
import { limitNamespaces } from './namespace-limits.ts';

// Prints where the steps failed: null.
const program = new Program();
limitNamespaces(program);
program.end();
using loaded = new LoadedProgram(program);
loaded.run();
console.log(JSON.stringify(loaded.failure));
