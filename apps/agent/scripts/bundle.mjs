// Bundles the command line for a quick start: one file a verb beside what they share. CommonJS, since an `import` of
// node:http makes an object of all its exports and so loads what they load when they are looked at, undici among it (20 ms).
import { mkdirSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { rolldown } from 'rolldown';

const AGENT = join(import.meta.dirname, '..');
const DIST = join(AGENT, 'dist');
const MAIN = 'main.cjs';
/** A command that runs may still load parts of the bundle that it began with. */
const KEPT_MS = 24 * 60 * 60 * 1000;

const made = `${DIST}.new-${process.pid}`;
try {
  await using bundle = await rolldown({
    input: { main: join(AGENT, 'src/cli/main.ts') },
    platform: 'node',
    external: [/^node:/],
  });
  await bundle.write({ dir: made, format: 'cjs', entryFileNames: MAIN, chunkFileNames: '[name]-[hash].cjs' });
  mkdirSync(DIST, { recursive: true });
  const parts = readdirSync(made);
  // A command that begins meanwhile finds the old whole or the new whole.
  for (const part of parts.filter((name) => name !== MAIN)) renameSync(join(made, part), join(DIST, part));
  renameSync(join(made, MAIN), join(DIST, MAIN));
  for (const old of readdirSync(DIST).filter((name) => !parts.includes(name))) {
    if (Date.now() - statSync(join(DIST, old)).mtimeMs > KEPT_MS) rmSync(join(DIST, old));
  }
} finally {
  rmSync(made, { recursive: true, force: true });
}
