import { spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, mkdirSync, openSync, closeSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { BUSYBOX } from './requirements.mjs';

const HERE = dirname(fileURLToPath(import.meta.url));
/** What it takes to reach the host's files; all others come from there. */
const MODULES = ['virtio_pci', 'virtio_console', 'virtio_blk', 'virtiofs', 'overlay', 'quota_v2'];
const DIRECTORIES = ['bin', 'modules', 'job', 'proc', 'sys', 'dev', 'host', 'over', 'root'];

/**
 * Makes the archive that the kernel unpacks and starts `init` of.
 * @param {string} directory of this machine's own
 * @param {string} modules the kernel's lib/modules/<version>
 * @param {Record<string, string>} job files that are found below /run/vm
 * @returns {string} its path
 */
export function makeInitramfs(directory, modules, job) {
  const root = join(directory, 'initramfs');
  for (const name of DIRECTORIES) mkdirSync(join(root, name), { recursive: true });
  copyFileSync(BUSYBOX, join(root, 'bin/busybox'));
  copyFileSync(join(HERE, 'init.sh'), join(root, 'init'));
  chmodSync(join(root, 'init'), 0o755);
  copyFileSync(join(HERE, 'session.sh'), join(root, 'job/session.sh'));
  for (const [name, content] of Object.entries(job)) writeFileSync(join(root, 'job', name), content);
  const ordered = withDependencies(readFileSync(join(modules, 'modules.dep'), 'utf8'));
  for (const path of ordered) copyFileSync(join(modules, path), join(root, 'modules', basename(path)));
  writeFileSync(join(root, 'modules/order'), ordered.map((path) => `${basename(path)}\n`).join(''));
  return pack(root, join(directory, 'initramfs.cpio'));
}

/**
 * Paths of the modules, each after those that it needs. modules.dep: `path: needed needed…`, the innermost last.
 * @param {string} text of modules.dep
 */
function withDependencies(text) {
  const lines = text.trim().split('\n');
  /** @type {[string, string[]][]} */
  const entries = lines.map((line) => {
    const [path = '', needed = ''] = line.split(':');
    return [basename(path, '.ko'), [...needed.trim().split(' ').filter(Boolean).toReversed(), path]];
  });
  const byName = new Map(entries);
  // What is not a module is built in.
  return [...new Set(MODULES.flatMap((name) => byName.get(name) ?? []))];
}

/**
 * @param {string} root
 * @param {string} archive
 */
function pack(root, archive) {
  const output = openSync(archive, 'w');
  try {
    const { status, stderr } = spawnSync('/bin/sh', ['-c', `find . | ${BUSYBOX} cpio -o -H newc`], {
      cwd: root,
      stdio: ['ignore', output, 'pipe'],
      encoding: 'utf8',
    });
    if (status !== 0) throw new Error(`the initramfs could not be packed: ${stderr}`);
  } finally {
    closeSync(output);
  }
  return archive;
}
