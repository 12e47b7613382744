import { randomBytes } from 'node:crypto';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { discoverCgroupLayout, hierarchiesOf } from '@plimsoll/core';
import { listLeftover } from './leftovers.ts';
import { clearCgroups } from './named-cgroups.ts';

const SLEEPING = ['/bin/sleep', 'infinity'];
const layout = discoverCgroupLayout();

/** Every hierarchy of this host by its name. */
export const HIERARCHIES: ReadonlyMap<string, string> = new Map(hierarchiesOf(layout).map(({ name, mount }) => [name, mount]));

/** Cgroups made by hand, as another tool on this host makes its own, with processes in them. Disposing takes all of it away. */
export class ForeignCgroups implements AsyncDisposable {
  /** Path of the outermost, in every hierarchy. */
  readonly root = `foreign-${randomBytes(4).toString('hex')}`;
  readonly #processes: ChildProcess[] = [];

  constructor() {
    listLeftover('cgroup', this.root);
    for (const mount of HIERARCHIES.values()) mkdirSync(`${mount}/${this.root}`);
  }

  /** Makes `name` below the root in these hierarchies, in all unless said otherwise; its path. */
  make(name: string, hierarchies: readonly string[] = [...HIERARCHIES.keys()]): string {
    const path = `${this.root}/${name}`;
    for (const hierarchy of hierarchies) mkdirSync(this.directory(hierarchy, path), { recursive: true });
    return path;
  }

  /** Starts a process that is in this cgroup, in these hierarchies. */
  start(path: string, hierarchies: readonly string[], [command = '', ...args] = SLEEPING): number {
    const child = spawn(command, args, { stdio: 'ignore' });
    this.#processes.push(child);
    this.join(path, hierarchies, child.pid ?? 0);
    return child.pid ?? 0;
  }

  join(path: string, hierarchies: readonly string[], pid: number): void {
    for (const hierarchy of hierarchies) writeFileSync(`${this.directory(hierarchy, path)}/cgroup.procs`, String(pid));
  }

  directory(hierarchy: string, path: string): string {
    const mount = HIERARCHIES.get(hierarchy);
    if (mount === undefined) throw new Error(`this host has no hierarchy "${hierarchy}"`);
    return path === '' ? mount : `${mount}/${path}`;
  }

  read(hierarchy: string, path: string, file: string): string {
    return readFileSync(`${this.directory(hierarchy, path)}/${file}`, 'utf8').trim();
  }

  write(hierarchy: string, path: string, file: string, value: string): void {
    writeFileSync(`${this.directory(hierarchy, path)}/${file}`, value);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const ended = this.#processes.map(async (child) => {
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    });
    clearCgroups(this.root);
    for (const child of this.#processes) child.kill('SIGKILL');
    await Promise.all(ended);
  }
}
