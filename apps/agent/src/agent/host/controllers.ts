import { readdirSync } from 'node:fs';
import type { CgroupLayout, Controller } from '@plimsoll/core';
import type { HostFeature } from '@plimsoll/protocol';
import { exists, feature, readText } from './feature.ts';

const GIVES: [Controller, string][] = [
  ['cpu', 'cpu limits and weights, and how often a limit held a container back'],
  ['cpuacct', 'cpu time exact to the nanosecond'],
  ['cpuset', 'the choice of cpus and memory nodes for a container'],
  ['memory', 'memory limits, usage and its split, and word of out-of-memory kills'],
  ['pids', 'a limit on processes, which stops fork bombs'],
  ['io', 'disk limits and traffic for each container'],
  ['devices', 'the list of device nodes that a container may open'],
  ['freezer', 'freeze and thaw'],
];

/** cgroups(7): a v2 tree has these built in, and no controller of the name. */
const BUILT_IN: Partial<Record<Controller, string>> = {
  cpuacct: 'part of every v2 cgroup, in steps of a microsecond',
  freezer: 'part of every v2 cgroup (cgroup.freeze)',
  devices: 'an eBPF program on the v2 cgroup',
};

/** What a controller has on some kernels only, by the file that shows it: limits each of which a form can offer or grey out. */
const EXTRAS: { name: string; gives: string; controller: Controller; files: string[]; missing: string }[] = [
  {
    name: 'swap',
    gives: 'a limit on swap beside the one on memory',
    controller: 'memory',
    files: ['memory.swap.max', 'memory.memsw.limit_in_bytes'],
    missing: 'this kernel does not count swap by cgroup (swapaccount=1 on its command line)',
  },
  {
    name: 'io weight',
    gives: 'shares of a busy disk',
    controller: 'io',
    files: ['io.weight', 'io.bfq.weight', 'blkio.bfq.weight'],
    missing: 'this kernel has neither io.cost nor the BFQ scheduler loaded (modprobe bfq)',
  },
];

export function reportControllers(layout: CgroupLayout): HostFeature[] {
  const known = kernelControllers(readText('/proc/cgroups') ?? '');
  const controllers = GIVES.map(([name, gives]) => {
    // On a hybrid host there are two, and the one in use is v2's.
    const hierarchy = name === 'freezer' && layout.unified !== null ? undefined : layout.controllers.get(name);
    if (hierarchy !== undefined) return feature(name, gives, null, `cgroup v${hierarchy.version} at ${hierarchy.mount}`);
    const builtIn = BUILT_IN[name];
    if (layout.unified !== null && builtIn !== undefined) return feature(name, gives, null, builtIn);
    return feature(name, gives, whyMissing(name, known));
  });
  const extras = EXTRAS.map(({ name, gives, controller, files, missing }) => {
    const hierarchy = layout.controllers.get(controller);
    if (hierarchy === undefined) return feature(name, gives, `there is no ${controller} controller`);
    const file = files.find((one) => aChildHas(hierarchy.mount, one));
    return feature(name, gives, file === undefined ? missing : null, file ?? '');
  });
  return [...controllers, ...extras];
}

/** The root of a hierarchy lacks most files, so a cgroup is looked at, whosever it is. */
function aChildHas(mount: string, file: string): boolean {
  const children = readdirSync(mount, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return exists(`${mount}/${file}`) || children.some(({ name }) => exists(`${mount}/${name}/${file}`));
}

function whyMissing(name: Controller, known: Map<string, boolean>): string {
  const enabled = known.get(name === 'io' ? 'blkio' : name);
  if (enabled === undefined) return 'this kernel was built without it';
  if (!enabled) return `switched off at boot (cgroup_disable=${name === 'io' ? 'blkio' : name} on the kernel's command line)`;
  return 'in the kernel, but not given to this place: it is not mounted, or the parent cgroup does not pass it down';
}

/** /proc/cgroups: name, hierarchy, number of cgroups, enabled. */
function kernelControllers(text: string): Map<string, boolean> {
  const rows = text
    .split('\n')
    .filter((line) => !line.startsWith('#'))
    .map((line) => line.split(/\s+/));
  return new Map(rows.map(([name = '', , , enabled]) => [name, enabled === '1']));
}
