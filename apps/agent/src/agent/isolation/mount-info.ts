import type { MountEntry } from '@plimsoll/protocol';
import { linesOf } from './lines.ts';

/** The mounts that a process sees, in the order in which they were made. */
export async function mountsSeenBy(pid: number): Promise<MountEntry[]> {
  return (await linesOf(`/proc/${pid}/mountinfo`)).map(parseMount);
}

/** proc_pid_mountinfo(5): id, parent, device, root, mount point, options, optional fields, `-`, type, source, super options. */
export function parseMount(line: string): MountEntry {
  // What is empty, a source for one, leaves two spaces behind.
  const fields = line.split(' ');
  const dash = fields.indexOf('-', 6);
  const [fsType = '', source = '', superOptions = ''] = fields.slice(dash + 1);
  return {
    mountPoint: unescape(fields[4] ?? ''),
    root: unescape(fields[3] ?? ''),
    fsType: unescape(fsType),
    source: unescape(source),
    options: fields[5] ?? '',
    superOptions: unescape(superOptions),
    propagation: propagationOf(fields.slice(6, dash)),
  };
}

/** The kernel writes what would break a line into fields, and the backslash itself, as three octal digits of a byte. */
function unescape(field: string): string {
  return field.replace(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)));
}

/** mount_namespaces(7): `shared:2`, `master:1`, `propagate_from:3`, `unbindable`. */
function propagationOf(fields: readonly string[]): string {
  const has = (tag: string) => fields.some((field) => field.split(':')[0] === tag);
  const kinds = [has('shared') && 'shared', has('master') && 'slave', has('unbindable') && 'unbindable'].filter(Boolean);
  return kinds.length === 0 ? 'private' : kinds.join(', ');
}
