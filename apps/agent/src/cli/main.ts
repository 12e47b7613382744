import { main } from './command-line.ts';
import { Context } from './context.ts';

using context = new Context(process);
process.exitCode = await main(process.argv.slice(2), context);
