import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { REPOSITORY } from '../lib/paths.mjs';

/** What machines are made of and is fetched once. */
export const CACHE = join(REPOSITORY, 'node_modules/.cache/plimsoll/vm');

/**
 * Lends a directory in the cache to be filled.
 * @template T
 * @param {(directory: string) => T} use keeps what it wants of it
 * @returns {T}
 */
export function inFetchDirectory(use) {
  mkdirSync(CACHE, { recursive: true });
  const directory = mkdtempSync(join(CACHE, 'fetch-'));
  try {
    return use(directory);
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/**
 * Another run may have been first: a directory that is not empty cannot be renamed over.
 * @param {string} from
 * @param {string} to
 */
export function keep(from, to) {
  try {
    renameSync(from, to);
  } catch (error) {
    if (!existsSync(to)) throw error;
  }
}

/**
 * Throws where it fails, with what it said.
 * @param {string} command
 * @param {readonly string[]} args
 */
export function run(command, args) {
  const { status, stderr, error } = spawnSync(command, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}: ${error?.message ?? stderr}`);
}
