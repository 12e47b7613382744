import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { REPOSITORY } from './paths.mjs';

const LOCK = join(REPOSITORY, 'package-lock.json');
/** What npm itself writes when it has put a tree into node_modules. */
const INSTALLED = join(REPOSITORY, 'node_modules/.package-lock.json');
const BUNDLED_NODE = join(REPOSITORY, `node_modules/node-linux-${process.arch}/bin/node`);
/** Hash of the lock file that node_modules was installed from. */
const RECORD = join(REPOSITORY, 'node_modules/.plimsoll-lock-sha256');

/**
 * Runs `npm ci` where node_modules is absent or was made from another lock file.
 * @param {(line: string) => void} say
 */
export function ensureInstalled(say) {
  const hash = createHash('sha256').update(readFileSync(LOCK)).digest('hex');
  if (isInstalled(hash)) return;
  say(
    existsSync(INSTALLED) ? 'The lock file has changed: installing packages anew (npm ci) …' : 'Installing packages (npm ci) …',
  );
  const startedAt = Date.now();
  const { status, error } = spawnSync('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: REPOSITORY,
    stdio: 'inherit',
  });
  if (status !== 0) {
    console.error(`npm ci failed${error ? ` (${error.message})` : ''}: see above, then run this again.`);
    process.exit(1);
  }
  writeFileSync(RECORD, hash);
  say(`Packages are installed (${Math.round((Date.now() - startedAt) / 1000)} s).`);
}

/** @param {string} hash of the lock file */
function isInstalled(hash) {
  // A broken install may have its records and lack what they tell of.
  if (!existsSync(INSTALLED) || !existsSync(BUNDLED_NODE)) return false;
  if (existsSync(RECORD) && readFileSync(RECORD, 'utf8') === hash) return true;
  // `npm install` by hand: it changes the lock file first, and then writes its own record.
  if (statSync(INSTALLED).mtimeMs < statSync(LOCK).mtimeMs) return false;
  writeFileSync(RECORD, hash);
  return true;
}
