import { readFileSync } from 'node:fs';

/**
 * Becomes `uid` for good, with its primary group and no other. Does nothing for a process that is not root.
 * Throws an Error with a sentence for a person rather than let the web process run on as root.
 */
export function dropPrivileges(uid: number | null): void {
  if (process.getuid?.() !== 0) return;
  if (uid === null) throw new Error('The web process does not run as root: set PLIMSOLL_WEB_UID to the user id to run as');
  if (uid === 0) throw new Error('PLIMSOLL_WEB_UID is 0: the web process does not run as root');
  // The groups first: after setuid(2) the process may change neither list.
  process.setgroups?.([]);
  process.setgid?.(primaryGroup(uid));
  process.setuid?.(uid);
}

/** The group of `uid` in passwd(5); its own number where it has no entry there. */
function primaryGroup(uid: number): number {
  const entry = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'))
    .find((fields) => fields[2] === String(uid));
  const gid = Number(entry?.[3] ?? uid);
  return gid === 0 ? uid : gid;
}
