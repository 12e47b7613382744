import { readdirSync, readFileSync } from 'node:fs';
import type { LinuxResources } from '../../oci/config.ts';
import { Cgroup } from '../cgroup.ts';
import { formatKernelList, parseKernelList, sameKernelList } from '../kernel-list.ts';
import { requireFile, type Moment, type Setting } from '../setting.ts';

const ABSENT = 'this host does not have all of them online, or the group that it is in may not use them';
const REFUSED = { EINVAL: ABSENT, EACCES: ABSENT, ERANGE: ABSENT, ENOSPC: 'something runs there, and would have none left' };
const BELOW = 'a container or group below it is set to others: change that one first';

/** cpuset.cpus and cpuset.mems, alike on both versions but for what an absent limit reads. '': the parent's. */
export function cpusets(cgroup: Cgroup, { cpu }: LinuxResources, moment: Moment): Setting[] {
  return [
    ...cpuset(cgroup, 'cpuset.cpus', cpu?.cpus, moment, 'choose the cpus'),
    ...cpuset(cgroup, 'cpuset.mems', cpu?.mems, moment, 'choose the memory nodes'),
  ];
}

function cpuset(cgroup: Cgroup, name: string, list: string | undefined, moment: Moment, purpose: string): Setting[] {
  if (list === undefined) return [];
  const file = requireFile(cgroup, 'cpuset', name, 'a choice of cpus or memory nodes');
  if (cgroup.hierarchy('cpuset')?.version === 2) return [onV2(cgroup, name, { file, list, moment, purpose })];
  const agrees = (reads: string) => sameKernelList(reads, list);
  if (moment === 'new') return list === '' ? [] : [{ file, value: list, purpose, agrees, refused: REFUSED }];
  return alongTree(cgroup, name, list, purpose);
}

/**
 * v2 keeps each list within the parent's by itself, whatever is asked for. None is the empty list; but what has processes
 * cannot be given that (ENOSPC), and gets all that the host has, which comes to the same.
 */
function onV2(
  cgroup: Cgroup,
  name: string,
  { list, moment, purpose, ...rest }: Pick<Setting, 'file' | 'purpose'> & { list: string; moment: Moment },
): Setting {
  // A write of nothing at all would not reach the kernel.
  const none = moment === 'new' ? '\n' : ofHost(cgroup, name);
  const value = list === '' ? none : list;
  return { ...rest, value, purpose, unlimited: none, agrees: (reads) => sameKernelList(reads, value), refused: REFUSED };
}

function ofHost(cgroup: Cgroup, name: string): string {
  return readFileSync(`${cgroup.hierarchy('cpuset')?.mount}/${name}.effective`, 'latin1').trim();
}

/**
 * v1: a child's list lies within its parent's at every moment, and there is no 'as the parent'. What has its parent's list
 * follows it: all are first widened from the top, then narrowed from the bottom.
 */
function alongTree(cgroup: Cgroup, name: string, list: string, purpose: string): Setting[] {
  const read = ({ path }: Cgroup) => readFileSync(new Cgroup(cgroup.layout, path).file('cpuset', name) ?? '', 'latin1').trim();
  const before = read(cgroup);
  const target = list === '' && cgroup.parent !== null ? read(cgroup.parent) : list;
  const followers = [cgroup, ...followersOf(cgroup, before, read)];
  const wide = formatKernelList(parseKernelList(`${before},${target}`));
  const write = (one: Cgroup, value: string): Setting => ({
    file: one.file('cpuset', name) ?? '',
    value,
    purpose,
    agrees: (reads) => sameKernelList(reads, value),
    refused: { ...REFUSED, EBUSY: BELOW },
  });
  return [...followers.map((one) => write(one, wide)), ...followers.toReversed().map((one) => write(one, target))];
}

/** Those below it whose list is the same, and whose parents' are too; parents first. */
function followersOf(cgroup: Cgroup, list: string, read: (cgroup: Cgroup) => string): Cgroup[] {
  const directory = cgroup.file('cpuset', '') ?? '';
  const children = readdirSync(directory, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return children
    .map(({ name }) => new Cgroup(cgroup.layout, `${cgroup.path}/${name}`))
    .filter((child) => sameKernelList(read(child), list))
    .flatMap((child) => [child, ...followersOf(child, list, read)]);
}
