import { PlimsollError, type IsolationRequest } from '@plimsoll/protocol';
import { readInImage } from './read-in-image.ts';

/** Of HOME: PATH_MAX with its NUL. */
const MOST_HOME_BYTES = 4095;

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
  const account = findAccount(passwd, user);
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

/**
 * The home directory of a user, by its entry in the image's /etc/passwd: the one of that name, or the first of that number. As
 * with podman it is `/root` for root and `/` for others where the file has none that is an absolute path.
 */
export function homeOf({ user: identity = '0' }: Pick<IsolationRequest, 'user'>, uid: number, layers: readonly string[]): string {
  const [user = '0'] = identity.split(':');
  const passwd = entries(layers, 'etc/passwd');
  const account = findAccount(passwd, user) ?? passwd.find(([, , id]) => Number(id) === uid);
  const home = account?.[5] ?? '';
  if (isHome(home)) return home;
  return uid === 0 ? '/root' : '/';
}

/** An image may write anything there. U+FFFD is what bytes that are no UTF-8 were read as. */
function isHome(text: string): boolean {
  // oxlint-disable-next-line no-control-regex
  return /^\/[^\u0000-\u001f\u007f\ufffd]*$/.test(text) && Buffer.byteLength(text) <= MOST_HOME_BYTES;
}

function findAccount(passwd: readonly string[][], user: string): string[] | undefined {
  const uid = isNumber(user) ? Number(user) : null;
  return passwd.find(([name, , id]) => name === user || (uid !== null && Number(id) === uid));
}

/** passwd(5), group(5): lines of fields, the third of which is a number; others are left out. */
function entries(layers: readonly string[], path: string): string[][] {
  for (const layer of layers) {
    const text = readInImage(layer, path);
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
