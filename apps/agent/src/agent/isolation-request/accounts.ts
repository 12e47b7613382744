import { constants, closeSync, fstatSync, lstatSync, openSync, readlinkSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { PlimsollError, type IsolationRequest } from '@plimsoll/protocol';

/** Longer account files are none that a container's login needs. */
const MOST_BYTES = 1024 * 1024;
/** As the kernel has it (path_resolution(7)). */
const MOST_LINKS = 40;

export interface Identity {
  uid: number;
  gid: number;
  additionalGids: number[];
}

/**
 * Who a container runs as, by the image's own accounts. As docker has it: a user that /etc/passwd knows brings its group and,
 * where no group is named, those that /etc/group lists it in; a number that it does not know has group 0. Throws
 * `bad-request` for a name that is not there.
 */
export function identityOf(
  { user: identity = '0', groups }: Pick<IsolationRequest, 'user' | 'groups'>,
  layers: readonly string[],
): Identity {
  const [user = '0', group] = identity.split(':');
  // What is all numbers and root's asks no file of an image.
  const passwd = user === '0' ? [] : entries(layers, 'etc/passwd');
  const account = passwd.find(([name, , id]) => name === user || id === user);
  if (account === undefined && !isNumber(user)) throw unknown('user', 'user', user);
  const needsGroups = [group ?? '', ...groups].some((name) => name !== '' && !isNumber(name)) || account !== undefined;
  const known = needsGroups ? entries(layers, 'etc/group') : [];
  const gidOf = (field: 'user' | 'groups', name: string): number => {
    if (isNumber(name)) return Number(name);
    const gid = known.find(([candidate]) => candidate === name)?.[2];
    if (gid === undefined) throw unknown(field, 'group', name);
    return Number(gid);
  };
  const gid = group === undefined ? Number(account?.[3] ?? 0) : gidOf('user', group);
  const memberOf = group === undefined && account !== undefined ? known.filter((entry) => isMember(entry, account[0] ?? '')) : [];
  const more = [...memberOf.map((entry) => Number(entry[2])), ...groups.map((name) => gidOf('groups', name))];
  return {
    uid: Number(account?.[2] ?? user),
    gid,
    additionalGids: [...new Set(more)].filter((one) => one !== gid),
  };
}

function isNumber(text: string): boolean {
  return /^\d+$/.test(text);
}

function isMember([, , , members = '']: string[], name: string): boolean {
  return members.split(',').includes(name);
}

function unknown(field: 'user' | 'groups', what: 'user' | 'group', name: string): PlimsollError {
  const file = what === 'user' ? '/etc/passwd' : '/etc/group';
  return new PlimsollError('bad-request', `there is no ${what} "${name}" in the image's ${file}`, {
    field,
    hint: `Give the ${what}'s number, or a name that the image knows.`,
  });
}

/** passwd(5), group(5): lines of fields, the third of which is a number; others are left out. */
function entries(layers: readonly string[], path: string): string[][] {
  for (const layer of layers) {
    const text = readInside(layer, path);
    if (text === null) continue;
    return text
      .split('\n')
      .map((line) => line.split(':'))
      .filter(([name, , id]) => name !== undefined && name !== '' && isId(id));
  }
  return [];
}

function isId(text: string | undefined): boolean {
  return text !== undefined && isNumber(text) && Number(text) < 0xffff_ffff;
}

/**
 * A file of an image, by a path that ends inside it: links lead from the image's root, as they would in the container, and
 * never out of it. Null: there is no such file. Nobody but us changes an image, so what was looked at is what is opened.
 */
function readInside(root: string, path: string): string | null {
  let rest = path.split('/');
  let at: string[] = [];
  let links = 0;
  while (rest.length > 0) {
    const [part = '', ...after] = rest;
    rest = after;
    if (part === '' || part === '.') continue;
    if (part === '..') {
      at = at.slice(0, -1);
      continue;
    }
    const next = join(root, ...at, part);
    const stat = lstatSync(next, { throwIfNoEntry: false });
    if (stat === undefined) return null;
    if (!stat.isSymbolicLink()) {
      if (rest.length > 0 && !stat.isDirectory()) return null;
      at = [...at, part];
      continue;
    }
    links += 1;
    if (links > MOST_LINKS) return null;
    const target = readlinkSync(next);
    if (target.startsWith('/')) at = [];
    rest = [...target.split('/'), ...rest];
  }
  return readRegular(join(root, ...at));
}

function readRegular(path: string): string | null {
  // A FIFO in an image must not hold this up.
  const fd = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    const stat = fstatSync(fd);
    if (!stat.isFile() || stat.size > MOST_BYTES) return null;
    const bytes = Buffer.alloc(stat.size);
    return bytes.toString('utf8', 0, readSync(fd, bytes, 0, bytes.length, 0));
  } finally {
    closeSync(fd);
  }
}
