import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/**
 * Users that no distribution allocates to a person or a package: systemd takes them for DynamicUser=, for as long as a
 * service runs, and asks the user database first as we do (systemd's UIDS-GIDS.md).
 */
const FIRST = 61_870;
const LAST = 65_519;
/** getent(1): a key was not found. */
const NOT_FOUND = 2;

/** The uid that the web process runs as: PLIMSOLL_WEB_UID, or 61870, or the next above it that no user and no group has. */
export async function webUid(asked = process.env['PLIMSOLL_WEB_UID']): Promise<number> {
  if (asked) {
    if (!/^\d{1,10}$/.test(asked) || Number(asked) === 0) {
      throw new Error(`PLIMSOLL_WEB_UID is "${asked}": it must be the number of a user that is not root`);
    }
    return Number(asked);
  }
  for (let uid = FIRST; uid <= LAST; uid += 1) {
    if ((await isFree('passwd', uid)) && (await isFree('group', uid))) return uid;
  }
  throw new Error('no user id is free for the web process: name one in PLIMSOLL_WEB_UID');
}

async function isFree(database: 'passwd' | 'group', id: number): Promise<boolean> {
  try {
    await promisify(execFile)('getent', [database, String(id)]);
    return false;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === NOT_FOUND) return true;
    throw error;
  }
}
