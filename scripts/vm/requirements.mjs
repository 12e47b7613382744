import { existsSync } from 'node:fs';
import { installPackages } from '../lib/debian-tools.mjs';

export const QEMU = '/usr/bin/qemu-system-x86_64';
/**
 * With qemu in Debian 12, a package of its own since.
 * @type {readonly [string, ...string[]]}
 */
const VIRTIOFSD = ['/usr/lib/qemu/virtiofsd', '/usr/libexec/virtiofsd'];
export const BUSYBOX = '/usr/bin/busybox';
export const MKFS = '/usr/sbin/mkfs.ext4';

const TOOLS = [
  { path: QEMU, package: 'qemu-system-x86' },
  { path: BUSYBOX, package: 'busybox-static' },
  { path: MKFS, package: 'e2fsprogs' },
  // Loads the profiles of tests, inside: the host's kernel need not have AppArmor.
  { path: '/usr/sbin/apparmor_parser', package: 'apparmor' },
  // util-linux: Debian has it everywhere.
  { path: '/usr/bin/unshare', package: 'util-linux' },
  { path: '/usr/bin/setpriv', package: 'util-linux' },
];

/**
 * Installs what a virtual machine needs and is missing.
 * @param {(line: string) => void} say
 * @returns {string | null} why there can be no machine here; null: there can
 */
export function ensureMachineTools(say) {
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    return `the machine is an x86-64 one, and this is ${process.arch}`;
  }
  const missing = TOOLS.filter(({ path }) => !existsSync(path));
  if (missing.length > 0) installPackages([...new Set(missing.map((tool) => tool.package))], say);
  if (findVirtiofsd() === undefined) installPackages(['virtiofsd'], say);
  const absent = TOOLS.map(({ path }) => path).filter((path) => !existsSync(path));
  if (findVirtiofsd() === undefined) absent.push(VIRTIOFSD[0]);
  return absent.length === 0 ? null : `there is no ${absent.join(', no ')}`;
}

/** @returns {string | undefined} absolute path */
export function findVirtiofsd() {
  return VIRTIOFSD.find((path) => existsSync(path));
}
