import { readFileSync } from 'node:fs';
import { ERRNO } from '../abi/errno.ts';
import { mode, or } from '../abi/flags.ts';
import { AT_FDCWD, O } from '../abi/open.ts';
import type { LinuxDeviceRule, LinuxResources } from '../oci/config.ts';
import { Memory, type Argument } from '../program/argument.ts';
import { closeLeftOpen, stepError, tryCall } from '../program/call.ts';
import { LoadedProgram } from '../program/load.ts';
import { Program } from '../program/program.ts';
import { SyscallError } from '../syscalls/syscall-error.ts';
import { Cgroup } from './cgroup.ts';
import { cpuLimits } from './controllers/cpu.ts';
import { cpusets } from './controllers/cpuset.ts';
import { attachDeviceRules, deviceRules } from './controllers/devices.ts';
import { ioAccounting, ioLimits, ioWeight } from './controllers/io.ts';
import { memoryLimits } from './controllers/memory.ts';
import { pidsLimit } from './controllers/pids.ts';
import type { Moment, Setting, SettingsOf } from './setting.ts';

const LIMITS: readonly SettingsOf[] = [cpuLimits, cpusets, memoryLimits, pidsLimit, ioLimits, ioWeight];

/** Every file to write for these limits, in an order that the kernel accepts. Throws MissingController. */
export function limitSettings(cgroup: Cgroup, resources: LinuxResources, moment: Moment): Setting[] {
  return LIMITS.flatMap((settingsOf) => settingsOf(cgroup, resources, moment));
}

/** Adds the steps that make the cgroup in every hierarchy, and set its limits, which it returns. Removal undoes it. */
export function createCgroup(program: Program, cgroup: Cgroup, resources: LinuxResources): Setting[] {
  for (const mount of cgroup.mounts) {
    program.call(`make cgroup ${cgroup.path}`, 'mkdirat', [AT_FDCWD, `${mount}/${cgroup.path}`, mode(0o755)]);
  }
  const limits = limitSettings(cgroup, resources, 'new');
  writeSettings(program, [...limits, ...deviceRules(cgroup, resources), ...ioAccounting(cgroup, resources)]);
  return limits;
}

/** ensureCgroup for all that it is in. */
export function ensureAncestors(cgroup: Cgroup, devices: readonly LinuxDeviceRule[]): void {
  if (cgroup.parent !== null) ensureCgroup(cgroup.parent, devices);
}

/**
 * Makes a cgroup for others to be in, and its ancestors, where they are missing, and passes the controllers on to each.
 * Denies them every device but those of `devices`: a child has its parent's rules from the beginning. What a crash left
 * half done is done now.
 */
export function ensureCgroup({ layout, lineage }: Cgroup, devices: readonly LinuxDeviceRule[]): void {
  for (const path of lineage) {
    const ancestor = new Cgroup(layout, path);
    const made = ancestor.mounts.filter((mount) => makeDirectory(`${mount}/${path}`));
    const program = new Program();
    const { unified } = ancestor.layout;
    if (unified !== null && made.includes(unified)) enableControllers(program, ancestor);
    writeSettings(program, [...cpusetOfRoot(ancestor), ...missingDeviceRules(ancestor, devices)]);
    program.end();
    using loaded = new LoadedProgram(program);
    if (!loaded.run()) closeLeftOpen(loaded, program);
    if (loaded.failure !== null) throw stepError(loaded.failure);
    if (ancestor.parent === null && ancestor.hierarchy('devices') === undefined) attachDeviceRules(ancestor, devices);
  }
}

/** A v1 cgroup has its parent's rules when it is made, and `a *:* rwm` stands for all that a host's root has. */
function missingDeviceRules(ancestor: Cgroup, devices: readonly LinuxDeviceRule[]): Setting[] {
  const list = ancestor.file('devices', 'devices.list');
  if (list === null || !readFileSync(list, 'latin1').startsWith('a ')) return [];
  return deviceRules(ancestor, { devices: [...devices] });
}

/** v1: a cpuset without cpus and memory nodes takes no member, and clone_children has each child begin with its parent's. */
function cpusetOfRoot(ancestor: Cgroup): Setting[] {
  const hierarchy = ancestor.hierarchy('cpuset');
  if (hierarchy?.version !== 1 || ancestor.parent !== null) return [];
  const directory = `${hierarchy.mount}/${ancestor.path}`;
  if (readFileSync(`${directory}/cgroup.clone_children`, 'latin1').startsWith('1')) return [];
  const inherit = (name: string): Setting => ({
    file: `${directory}/${name}`,
    value: readFileSync(`${hierarchy.mount}/${name}`, 'latin1').trim(),
    purpose: 'give the group its cpus',
  });
  return [
    inherit('cpuset.cpus'),
    inherit('cpuset.mems'),
    { file: `${directory}/cgroup.clone_children`, value: '1', purpose: 'pass the cpus on' },
  ];
}

/** False: it is there already. */
function makeDirectory(path: string): boolean {
  const result = tryCall('mkdirat', AT_FDCWD, path, 0o755);
  if (result < 0 && -result !== ERRNO.EEXIST) throw new SyscallError('mkdirat', -result, `make cgroup ${path}`);
  return result === 0;
}

/** A v2 child has a controller's files only when its parent passes the controller on (cgroups(7), subtree_control). */
function enableControllers(program: Program, { layout, path }: Cgroup): void {
  const enabled = [...layout.controllers].filter(([, { version }]) => version === 2).map(([name]) => `+${name}`);
  if (enabled.length === 0) return;
  const parent = path.includes('/') ? `/${path.slice(0, path.lastIndexOf('/'))}` : '';
  const controllers = { value: enabled.join(' '), purpose: 'pass controllers on' };
  writeSettings(program, [
    { ...controllers, file: `${layout.unified}${parent}/cgroup.subtree_control` },
    { ...controllers, file: `${layout.unified}/${path}/cgroup.subtree_control` },
  ]);
}

/** Adds open, write, close; the writes to one file share its descriptor. A cgroup file takes one value a write. */
function writeSettings(program: Program, settings: readonly Setting[]): void {
  let file: Argument = -1;
  settings.forEach(({ file: path, value, purpose }, i) => {
    if (settings[i - 1]?.file !== path) {
      file = program.call(purpose, 'openat', [AT_FDCWD, path, or(O, 'O_WRONLY', 'O_CLOEXEC')], { as: 'file' });
    }
    const bytes = Buffer.from(value);
    program.call(purpose, 'write', [file, new Memory(bytes, JSON.stringify(value)), bytes.length]);
    if (settings[i + 1]?.file !== path) program.call(purpose, 'close', [file]);
  });
}
