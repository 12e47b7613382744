import type { ContainerIsolation, ContainerNamespace, IdMapRow, NamespaceType, SeccompMode } from '@plimsoll/protocol';
import { duration } from '@plimsoll/protocol/quantities';
import { plural } from './format.ts';

/** What is apart where a namespace of the type is a container's own (namespaces(7)). */
export const NAMESPACE_HOLDS: Readonly<Record<NamespaceType, string>> = {
  uts: 'Host and domain name',
  pid: 'Processes and their ids',
  mount: 'The file tree',
  network: 'Devices, addresses, ports',
  ipc: 'Shared memory and queues',
  user: 'User and group ids',
  cgroup: 'Its root among cgroups',
  time: 'Monotonic and boot clocks',
};

const MOST_NAMES = 3;

/** `own`, `the host’s`, `with db and cache`. */
export function sharingInWords({ sharedWith, containers, otherProcesses }: ContainerNamespace): string {
  if (sharedWith === 'own') return 'own';
  if (sharedWith === 'host') return 'the host’s';
  const names = containers.slice(0, MOST_NAMES).map(({ name }) => name);
  const more = containers.length - names.length;
  const strangers = otherProcesses > 0 ? [otherProcesses === 1 ? '1 other process' : `${otherProcesses} other processes`] : [];
  return `with ${listed([...names, ...(more > 0 ? [`${more} more`] : []), ...strangers])}`;
}

/** `a, b and c` */
function listed(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;
}

/** `root inside is 231072 outside; 0 to 65535 are 231072 to 296607`. */
export function idMapInWords(map: readonly IdMapRow[], root = 'root'): string {
  if (map.length === 0) return 'No id inside is one outside: all show as nobody.';
  if (map.every(({ inside, outside }) => inside === outside)) {
    return `The same inside and outside: ${root} inside is ${root} outside.`;
  }
  const zero = map.find(({ inside }) => inside === 0);
  const ranges = map.map(
    ({ inside, outside, count }) => `${range(inside, count)} ${count === 1 ? 'is' : 'are'} ${range(outside, count)}`,
  );
  const first = zero === undefined ? `There is no ${root} inside` : `${capital(root)} inside is ${zero.outside} outside`;
  return `${first}; ${listed(ranges)}.`;
}

function range(first: number, count: number): string {
  return count === 1 ? String(first) : `${first} to ${first + count - 1}`;
}

function capital(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}

const PROFILES: Readonly<Record<SeccompMode, string>> = {
  default: 'by Plimsoll’s default profile',
  custom: 'by a profile of its own',
  unconfined: 'by one that it has loaded itself',
};

/** `profile`: what it was started with. */
export function seccompInWords(
  { mode, filters }: ContainerIsolation['seccomp'],
  profile: SeccompMode,
): { title: string; means: string } {
  switch (mode) {
    case 'disabled':
      return { title: 'no filter', means: 'Every syscall of the kernel can be made.' };
    case 'strict':
      return { title: 'strict', means: 'It can read, write, return from signals and exit; nothing else.' };
    case 'filter':
      return {
        title: `${filters === null || filters === 1 ? 'filtered' : plural(filters, 'filter')}, ${PROFILES[profile]}`,
        means: 'A filter decides over every syscall before the kernel carries it out.',
      };
  }
}

/** `3 d 4 h`, `−1 d 0 h`. */
export function clock(milliseconds: number): string {
  return milliseconds < 0 ? `−${duration(-milliseconds)}` : duration(milliseconds);
}
