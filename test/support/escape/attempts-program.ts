import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { join } from 'node:path';

const SOURCES = join(import.meta.dirname, '../../escape/attempts');
const CACHE = join(import.meta.dirname, '../../../node_modules/.cache/plimsoll');
/** It is loaded into another program, and all else is one. */
const PRELOAD = 'preload.c';

/** In a container that has their layer. */
export const PROGRAM = '/attempt';
export const SETUID_PROGRAM = '/attempt-setuid';
export const PRELOADED = '/preload.so';

/** Null: the program can be compiled. */
export const whyNoAttempts = !existsSync('/usr/include/stdio.h')
  ? 'there is no libc6-dev'
  : spawnSync('cc', ['--version']).status === 0
    ? null
    : 'there is no C compiler';

/** Makes `layer`, to be laid over any image: the program needs nothing of one. Returns its path for the host itself. */
export function makeAttemptsLayer(layer: string): string {
  const compiled = compileAttempts();
  mkdirSync(layer);
  for (const [path, from, mode] of [
    [PROGRAM, PROGRAM, 0o755],
    [SETUID_PROGRAM, PROGRAM, 0o4755],
    [PRELOADED, PRELOADED, 0o755],
  ] as const) {
    copyFileSync(join(compiled, from), join(layer, path));
    chmodSync(join(layer, path), mode);
  }
  return join(layer, PROGRAM);
}

/** Once for each state of the sources. */
function compileAttempts(): string {
  const sources = readdirSync(SOURCES).toSorted();
  const hash = createHash('sha256');
  for (const name of sources) hash.update(readFileSync(join(SOURCES, name)));
  const kept = join(CACHE, `attempts-${hash.digest('hex').slice(0, 16)}`);
  if (existsSync(kept)) return kept;
  mkdirSync(CACHE, { recursive: true });
  const directory = mkdtempSync(join(CACHE, 'attempts-'));
  const compile = (target: string, ...args: string[]) =>
    execFileSync('cc', ['-O1', '-Wall', '-Wextra', '-Werror', '-o', join(directory, target), ...args], { cwd: SOURCES });
  try {
    compile(PROGRAM, '-static', ...sources.filter((name) => name.endsWith('.c') && name !== PRELOAD));
    compile(PRELOADED, '-shared', '-fPIC', PRELOAD);
    renameSync(directory, kept);
  } catch (error) {
    rmSync(directory, { recursive: true });
    // Another run may have been first: a directory that is not empty cannot be renamed over.
    if (!existsSync(kept)) throw error;
  }
  return kept;
}
