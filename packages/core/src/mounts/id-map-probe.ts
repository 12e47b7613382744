import { fstatSync, statSync } from 'node:fs';
import { or } from '../abi/flags.ts';
import { MOUNT_ATTR, MOUNT_ATTR_BYTES, OPEN_TREE } from '../abi/mount.ts';
import { AT, AT_FDCWD } from '../abi/open.ts';
import { ERRNO } from '../abi/errno.ts';
import { Words } from '../program/argument.ts';
import { tryCall } from '../program/call.ts';

/** By file system: what it cannot do now it will not be able to later. */
const answers = new Map<number, string | null>();

/**
 * Why the files at a path cannot be shown by other ids; null: they can (mount_setattr(2), MOUNT_ATTR_IDMAP; as layers of an
 * overlay since Linux 5.19). `userNamespace`: any that has maps; `opened`: descriptor of what is at the path.
 */
export function whyNoIdMap(path: string, userNamespace: number, opened?: number): string | null {
  const stat = opened === undefined ? statSync(path, { throwIfNoEntry: false }) : fstatSync(opened);
  // What is not there is found, and named, by the start.
  if (stat === undefined) return null;
  const { dev } = stat;
  let answer = answers.get(dev);
  if (answer === undefined) {
    answer = tryIdMap(path, userNamespace, opened);
    answers.set(dev, answer);
  }
  return answer;
}

function tryIdMap(path: string, userNamespace: number, opened?: number): string | null {
  const flags = or(OPEN_TREE, 'OPEN_TREE_CLONE', 'OPEN_TREE_CLOEXEC').value + AT.AT_EMPTY_PATH;
  const tree = opened === undefined ? tryCall('open_tree', AT_FDCWD, path, flags) : tryCall('open_tree', opened, '', flags);
  const attr = new Words([or(MOUNT_ATTR, 'MOUNT_ATTR_IDMAP'), 0, 0, userNamespace], '{MOUNT_ATTR_IDMAP}');
  const result = tryCall('mount_setattr', tree, '', or(AT, 'AT_EMPTY_PATH'), attr, MOUNT_ATTR_BYTES);
  tryCall('close', tree);
  if (result === 0) return null;
  return result === -ERRNO.EINVAL
    ? `the file system of ${path} cannot show its files by other ids (idmapped mounts)`
    : `this kernel has no idmapped mounts (Linux 5.19)`;
}
