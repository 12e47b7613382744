import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { reservedIds, type IdSpan } from '../supervisor/id-ranges.ts';
import { acquireLock } from './lock.ts';

/**
 * Users that no distribution allocates to a person or a package: systemd takes them for DynamicUser=, for as long as a
 * service runs, and looks into the user database first as we do (systemd's UIDS-GIDS.md). The ids of containers are far above.
 */
const FIRST = 61_870;
const LAST = 65_519;
/** getent(1): a key was not found. */
const NOT_FOUND = 2;
/** One lock for each uid that a Plimsoll of this host uses. In /run, since a uid matters for as long as its processes run. */
const LOCKS = '/run/plimsoll-web-users';

/** The user of the web process. No other Plimsoll has it until it is disposed of, or this process ends. */
export interface WebUser extends AsyncDisposable {
  uid: number;
}

interface Options {
  /** Of the state root, whose processes run as the same user each time where that is possible. */
  home: string;
  asked?: string | undefined;
  locks?: string;
  /** Ids that are allocated already (subuid(5)). */
  reserved?: readonly IdSpan[];
}

/**
 * The user of PLIMSOLL_WEB_UID; otherwise one that no other Plimsoll, account, group or process of this host has. The web process of one
 * Plimsoll could connect to the agent of another, and kill its web process, if both had the same user.
 */
export async function takeWebUser({
  home,
  asked = process.env['PLIMSOLL_WEB_UID'],
  locks = LOCKS,
  reserved = reservedIds(),
}: Options): Promise<WebUser> {
  mkdirSync(locks, { recursive: true, mode: 0o700 });
  if (asked) {
    if (!/^\d{1,10}$/.test(asked) || Number(asked) === 0) {
      throw new Error(`PLIMSOLL_WEB_UID is "${asked}": it must be the number of a user that is not root`);
    }
    const uid = Number(asked);
    // Two may have been set to the same. No third one gets it by itself.
    return webUser(uid, await acquireLock(join(locks, String(uid))));
  }
  for (const uid of candidates(home)) {
    if (isReserved(uid, reserved) || hasProcess(uid)) continue;
    if (!(await isFree('passwd', uid)) || !(await isFree('group', uid))) continue;
    const lock = await acquireLock(join(locks, String(uid)));
    if (lock !== undefined) return webUser(uid, lock);
  }
  throw new Error('no user id is free for the web process: set PLIMSOLL_WEB_UID to one');
}

function webUser(uid: number, lock: AsyncDisposable | undefined): WebUser {
  return { uid, [Symbol.asyncDispose]: async () => await lock?.[Symbol.asyncDispose]() };
}

/** All of the range, from a place on that depends on the state root. */
function candidates(home: string): number[] {
  const count = LAST - FIRST + 1;
  const first = createHash('sha256').update(home).digest().readUInt32BE() % count;
  return Array.from({ length: count }, (_, i) => FIRST + ((first + i) % count));
}

function isReserved(uid: number, reserved: readonly IdSpan[]): boolean {
  return reserved.some(({ first, count }) => uid >= first && uid < first + count);
}

/** A service with DynamicUser= is not in the user database everywhere (nss-systemd(8)). */
function hasProcess(uid: number): boolean {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return pids.some((pid) => statSync(join('/proc', pid), { throwIfNoEntry: false })?.uid === uid);
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
