import { commandCandidates, type OciProcess } from '@plimsoll/core';
import { findInImage } from './read-in-image.ts';

const S_ISUID = 0o4000;
const S_ISGID = 0o2000;
const S_IXUGO = 0o111;
/** Directories of a PATH that are looked into. */
const MOST_CANDIDATES = 32;

/**
 * What a user other than root should know of a command whose file has a set-user-ID or set-group-ID bit: under no_new_privs the exec
 * passes over it (execve(2)), and sudo, su and the like end with an error. Null: it has no such bit. Mounts over the image are
 * not looked at; nor are file capabilities, which an import leaves out.
 */
export function noteOnSetUserId({ args, env, user, noNewPrivileges }: OciProcess, layers: readonly string[]): string | null {
  if (!noNewPrivileges || user.uid === 0) return null;
  const [command = ''] = args;
  const paths = commandCandidates(command, env)
    .filter((path) => path.startsWith('/'))
    .slice(0, MOST_CANDIDATES);
  for (const path of paths) {
    const stat = layers.map((layer) => findInImage(layer, path)?.stat).find((one) => one !== undefined);
    if (stat === undefined || !stat.isFile() || (stat.mode & S_IXUGO) === 0) continue;
    const bits = stat.mode & (S_ISUID | S_ISGID);
    if (bits === 0) return null;
    const which = (bits & S_ISUID) === 0 ? 'set-group-ID' : 'set-user-ID';
    return (
      `the ${which} bit of ${path} has no effect, since no new privileges are allowed: it runs as user ${user.uid}. ` +
      'Run the command as root (`-u root`), or allow it (`--security-opt no-new-privileges=false`).'
    );
  }
  return null;
}
