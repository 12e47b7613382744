// Bundles the command line for a quick start: one file a verb beside what they share. CommonJS, since an `import` of
// node:http makes an object of all its exports and so loads what they load when they are looked at, undici among it (20 ms).
import { join } from 'node:path';
import { rolldown } from 'rolldown';

const AGENT = join(import.meta.dirname, '..');

const [destination = join(AGENT, 'dist')] = process.argv.slice(2);
await using bundle = await rolldown({
  input: { main: join(AGENT, 'src/cli/main.ts') },
  platform: 'node',
  external: [/^node:/],
});
await bundle.write({
  dir: destination,
  format: 'cjs',
  cleanDir: true,
  entryFileNames: '[name].cjs',
  chunkFileNames: '[name]-[hash].cjs',
});
