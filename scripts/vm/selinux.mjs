import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { unpackPackage } from '../lib/debian-package.mjs';
import { aptGet } from '../lib/debian-tools.mjs';
import { CACHE, inFetchDirectory, keep, run } from './cache.mjs';

/** Debian boots AppArmor otherwise: of the two the kernel takes one. */
export const SELINUX_ARGUMENTS = ['security=selinux', 'enforcing=1'];
const ADDED = join(dirname(fileURLToPath(import.meta.url)), 'selinux.cil');
const PACKAGES = ['selinux-policy-default', 'policycoreutils'];
/** The newest that Linux 6.1 takes. */
const POLICY_VERSION = 33;

/**
 * Debian's SELinux policy with the domain of scripts/vm/selinux.cil, built below node_modules/.cache. Nothing of it is
 * installed. Built once.
 * @param {(line: string) => void} say
 * @returns {string | null} its path; null: its packages could not be had
 */
export function ensureSelinuxPolicy(say) {
  const kept = join(CACHE, `selinux-${createHash('sha256').update(readFileSync(ADDED)).digest('hex').slice(0, 16)}`);
  const policy = join(kept, `policy.${POLICY_VERSION}`);
  if (existsSync(policy)) return policy;
  return inFetchDirectory((directory) => {
    const root = join(directory, 'root');
    if (!unpackAll(root) && !(aptGet(['update']) && unpackAll(root))) return null;
    say("Building Debian's SELinux policy …");
    keep(buildPolicy(root), kept);
    return policy;
  });
}

/** @param {string} root */
function unpackAll(root) {
  return PACKAGES.every((name) => unpackPackage(name, root));
}

/**
 * As the package's installation does, in a root of its own.
 * @param {string} root
 * @returns {string} the directory that it is in
 */
function buildPolicy(root) {
  const built = join(root, 'built');
  mkdirSync(join(built, 'var/lib/selinux'), { recursive: true });
  cpSync(join(root, 'etc/selinux'), join(built, 'etc/selinux'), { recursive: true });
  // The two programs check and compile labels of files, of which the machine's have none.
  const unused = ['setfiles', 'sefcontext_compile'].flatMap((name) => [`[${name}]`, 'path = /bin/true', 'args = -', '[end]']);
  const settings = [
    'module-store = direct',
    `policy-version = ${POLICY_VERSION}`,
    'expand-check = 0',
    `compiler-directory = ${join(root, 'usr/libexec/selinux/hll')}`,
    ...unused,
  ];
  writeFileSync(join(built, 'etc/selinux/semanage.conf'), `${settings.join('\n')}\n`);
  const packaged = join(root, 'usr/share/selinux/default');
  const names = readFileSync(join(packaged, '.modules'), 'utf8').trim().split(/\s+/);
  const modules = [...names.map((name) => join(packaged, `${name}.pp.bz2`)), ADDED].flatMap((path) => ['-i', path]);
  const noReload = ['-n', '-N'];
  run(join(root, 'usr/sbin/semodule'), ['-p', built, '-s', 'default', ...noReload, '-X', '100', ...modules]);
  return join(built, 'etc/selinux/default/policy');
}
