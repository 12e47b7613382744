import { AT_FDCWD, O } from '../abi/open.ts';
import { or } from '../abi/flags.ts';
import { Memory } from '../program/argument.ts';
import type { Program } from '../program/program.ts';
import type { LinuxResources } from '../oci/config.ts';
import type { Cgroup } from './cgroup.ts';
import { cpuLimits } from './controllers/cpu.ts';
import { deviceRules } from './controllers/devices.ts';
import { ioAccounting } from './controllers/io.ts';
import { memoryLimits } from './controllers/memory.ts';
import { pidsLimit } from './controllers/pids.ts';
import type { Setting } from './setting.ts';

/** Every file to write for these limits, in an order that the kernel accepts. */
export function settingsFor(cgroup: Cgroup, resources: LinuxResources): Setting[] {
  return [cpuLimits, memoryLimits, pidsLimit, deviceRules, ioAccounting].flatMap((controller) => controller(cgroup, resources));
}

/** Adds the steps that make the cgroup in every hierarchy, its ancestors too, and set its limits. Removal undoes it. */
export function createCgroup(program: Program, cgroup: Cgroup, resources: LinuxResources): void {
  for (const mount of cgroup.mounts) {
    for (const path of cgroup.lineage) {
      if (mount === cgroup.layout.unified) enableControllers(program, cgroup, path);
      program.call(`make cgroup ${path}`, 'mkdirat', [AT_FDCWD, `${mount}/${path}`, 0o755], {
        tolerate: path === cgroup.path ? [] : ['EEXIST'],
      });
    }
  }
  for (const { file, value, purpose } of settingsFor(cgroup, resources)) writeFile(program, file, value, purpose);
}

/** A v2 child has a controller's files only when its parent passes the controller on (cgroups(7), subtree_control). */
function enableControllers(program: Program, cgroup: Cgroup, child: string): void {
  const enabled = [...cgroup.layout.controllers].filter(([, { version }]) => version === 2).map(([name]) => `+${name}`);
  if (enabled.length === 0) return;
  const parent = child.includes('/') ? `/${child.slice(0, child.lastIndexOf('/'))}` : '';
  const file = `${cgroup.layout.unified}${parent}/cgroup.subtree_control`;
  writeFile(program, file, enabled.join(' '), `pass controllers on to ${child}`);
}

/** Adds open, write, close. Cgroup files take one value a write. */
export function writeFile(program: Program, path: string, text: string, purpose: string): void {
  const file = program.call(purpose, 'openat', [AT_FDCWD, path, or(O, 'O_WRONLY', 'O_CLOEXEC')], { as: 'file' });
  const bytes = new TextEncoder().encode(text);
  program.call(purpose, 'write', [file, new Memory(bytes, JSON.stringify(text)), bytes.length]);
  program.call(purpose, 'close', [file]);
}
