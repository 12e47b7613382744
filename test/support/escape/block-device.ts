import { closeSync, constants, openSync, readdirSync, readFileSync } from 'node:fs';

/** One of the host's, a disk where that may be; null: there is none that the host's own root can open. */
export const BLOCK_DEVICE = findBlockDevice();

function findBlockDevice(): { name: string; major: string; minor: string } | null {
  const isDisk = (name: string) => Number(/^(?:vd|sd|nvme|xvd)/.test(name));
  const names = readdirSync('/sys/block').toSorted((a, b) => isDisk(b) - isDisk(a));
  const name = names.find((one) => opens(`/dev/${one}`));
  if (name === undefined) return null;
  const [major = '', minor = ''] = readFileSync(`/sys/block/${name}/dev`, 'utf8').trim().split(':');
  return { name, major, minor };
}

function opens(path: string): boolean {
  try {
    closeSync(openSync(path, constants.O_RDONLY | constants.O_NONBLOCK));
    return true;
  } catch {
    return false;
  }
}
