import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const REPOSITORY = join(import.meta.dirname, '../..');
const PARTS = ['apps/agent', 'packages/core', 'packages/protocol'];

/** Whether this clone has a commit: a shallow one has not. */
export function hasCommit(commit: string): boolean {
  try {
    execFileSync('git', ['-C', REPOSITORY, 'cat-file', '-e', `${commit}^{commit}`], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** The program as it was at a commit, in a new directory, with this repository's dependencies. */
export function programOf(commit: string, directory: string): string {
  mkdirSync(directory);
  const archive = execFileSync('git', ['-C', REPOSITORY, 'archive', commit, 'package.json', 'package-lock.json', ...PARTS], {
    maxBuffer: 256 * 1024 * 1024,
  });
  execFileSync('tar', ['-x', '-C', directory], { input: archive });
  linkDependencies(directory);
  return directory;
}

/** A file of the program, and what in it is replaced by what. */
export type Patch = [file: string, found: string, replacement: string];

/** This program with changes, in a new directory: another version of it. Throws where a file has no such text. */
export function changedProgram(directory: string, patches: readonly Patch[]): string {
  mkdirSync(directory);
  for (const part of ['package.json', 'package-lock.json', ...PARTS]) {
    cpSync(join(REPOSITORY, part), join(directory, part), {
      recursive: true,
      // The bundle of the command line is made from the sources.
      filter: (path) => !/\/(?:node_modules|dist|\.turbo)$/.test(path),
    });
  }
  for (const [file, found, replacement] of patches) {
    const path = join(directory, file);
    const text = readFileSync(path, 'utf8');
    if (!text.includes(found)) throw new Error(`${file} has no ${found}`);
    writeFileSync(path, text.replaceAll(found, replacement));
  }
  linkDependencies(directory);
  return directory;
}

/** All but the workspace's own packages, which are the other version's. */
function linkDependencies(directory: string): void {
  const modules = join(directory, 'node_modules');
  mkdirSync(join(modules, '@plimsoll'), { recursive: true });
  for (const name of readdirSync(join(REPOSITORY, 'node_modules'))) {
    if (name !== '@plimsoll' && name !== '.cache') symlinkSync(join(REPOSITORY, 'node_modules', name), join(modules, name));
  }
  for (const part of PARTS) symlinkSync(join(directory, part), join(modules, '@plimsoll', part.split('/')[1] ?? ''));
}
