import { PlimsollError, type IsolationRequest } from '@plimsoll/protocol';
import { isNumber, type AccountFiles } from './account-files.ts';

/** Of HOME: PATH_MAX with its NUL. */
const MOST_HOME_BYTES = 4095;

export interface Identity {
  uid: number;
  gid: number;
  additionalGids: number[];
}

/**
 * The user and groups of a container's processes, by the image's own accounts. As docker has it: a user that /etc/passwd knows brings its
 * group and, where no group is named, those that /etc/group lists it in; a number that it does not know has group 0. Throws
 * `bad-request` for a name that is not there.
 */
export function identityOf(
  { user: identity = '0', groups }: Pick<IsolationRequest, 'user' | 'groups'>,
  accounts: AccountFiles,
): Identity {
  const [user = '0', group] = identity.split(':');
  // Numbers alone and root need no file of an image.
  const account = user === '0' ? null : accounts.user(user);
  if (account === null && !isNumber(user)) throw unknown('user', 'user', user, accounts);
  const names = new Set([...(group === undefined ? [] : [group]), ...groups].filter((name) => !isNumber(name)));
  const member = group === undefined ? (account?.name ?? null) : null;
  const known = names.size > 0 || member !== null ? accounts.groups(names, member) : null;
  const gidOf = (field: 'user' | 'groups', name: string): number => {
    if (isNumber(name)) return Number(name);
    const gid = known?.ids.get(name);
    if (gid === undefined) throw unknown(field, 'group', name, accounts);
    return gid;
  };
  const gid = group === undefined ? (account?.gid ?? 0) : gidOf('user', group);
  const more = [...(known?.memberOf ?? []), ...groups.map((name) => gidOf('groups', name))];
  return {
    uid: account?.uid ?? Number(user),
    gid,
    additionalGids: [...new Set(more)].filter((one) => one !== gid),
  };
}

function unknown(field: 'user' | 'groups', what: 'user' | 'group', name: string, accounts: AccountFiles): PlimsollError {
  const file = what === 'user' ? '/etc/passwd' : '/etc/group';
  return new PlimsollError('bad-request', `there is no ${what} "${name}" in the image's ${file}${accounts.limitOf(what)}`, {
    field,
    hint: `Give the ${what}'s number, or a name that the image knows.`,
  });
}

/**
 * The home directory of a user, by its entry in the image's /etc/passwd: the one of that name, or the first of that number. As
 * with podman it is `/root` for root and `/` for others where the file has none that is an absolute path.
 */
export function homeOf({ user: identity = '0' }: Pick<IsolationRequest, 'user'>, uid: number, accounts: AccountFiles): string {
  const [user = '0'] = identity.split(':');
  const home = accounts.user(user)?.home ?? '';
  if (isHome(home)) return home;
  return uid === 0 ? '/root' : '/';
}

/** An image may write anything there. U+FFFD is what bytes that are no UTF-8 were read as. */
function isHome(text: string): boolean {
  // oxlint-disable-next-line no-control-regex
  return (
    text.length <= MOST_HOME_BYTES && Buffer.byteLength(text) <= MOST_HOME_BYTES && /^\/[^\u0000-\u001f\u007f\ufffd]*$/.test(text)
  );
}
