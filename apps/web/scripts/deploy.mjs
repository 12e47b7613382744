// Plain JavaScript: the launcher runs this with whatever Node the system has.
import { chmodSync, cpSync, existsSync, lstatSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const web = dirname(dirname(fileURLToPath(import.meta.url)));
const build = join(web, '.next');
const standalone = join(build, 'standalone');

/**
 * Assembles the built dashboard in `destination`, complete and readable for every user: `node server/main.ts` in it runs without
 * the clone. What was there before is replaced whole, or, after an error, not at all.
 * @param {string} destination
 */
export function deploy(destination) {
  if (!existsSync(join(standalone, 'node_modules'))) throw new Error(`${web} is not built: run "npm run build" first`);
  const target = resolve(destination);
  const made = `${target}.new-${process.pid}`;
  const before = `${target}.old-${process.pid}`;
  mkdirSync(dirname(target), { recursive: true });
  try {
    copy(join(standalone, 'node_modules'), join(made, 'node_modules'));
    // Next traces its image optimizer in, which is off: half of the whole copy.
    for (const name of ['sharp', '@img']) rmSync(join(made, 'node_modules', name), { recursive: true, force: true });
    copy(join(standalone, 'apps/web'), made);
    copy(join(build, 'static'), join(made, '.next/static'));
    copy(join(web, 'server'), join(made, 'server'));
    // Next's own entry, which listens on every interface and checks nothing.
    rmSync(join(made, 'server.js'), { force: true });
    makeReadable(made);
    if (existsSync(target)) renameSync(target, before);
    renameSync(made, target);
  } catch (error) {
    if (existsSync(before) && !existsSync(target)) renameSync(before, target);
    throw error;
  } finally {
    rmSync(made, { recursive: true, force: true });
    if (existsSync(target)) rmSync(before, { recursive: true, force: true });
  }
}

/**
 * @param {string} from
 * @param {string} to
 */
function copy(from, to) {
  cpSync(from, to, { recursive: true, dereference: true, filter: (path) => !/\.(?:test|fixture)\.ts$/.test(path) });
}

/**
 * Whatever the umask was when the files were made.
 * @param {string} path
 */
function makeReadable(path) {
  const isDirectory = lstatSync(path).isDirectory();
  chmodSync(path, isDirectory ? 0o755 : 0o644);
  if (isDirectory) for (const name of readdirSync(path)) makeReadable(join(path, name));
}

if (process.argv[1] !== undefined && resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const [destination] = process.argv.slice(2);
  if (destination === undefined) {
    console.error('usage: node deploy.mjs <destination>');
    process.exit(2);
  }
  try {
    deploy(destination);
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exit(1);
  }
}
