import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Cgroup, type CgroupLayout } from '@plimsoll/core';

/** So many cgroups with a sleeping process each. Disposing of them ends the processes. */
export class PopulatedCgroups implements AsyncDisposable {
  readonly paths: readonly string[];
  readonly #cgroups: readonly Cgroup[];
  readonly #pids: number[] = [];

  private constructor(layout: CgroupLayout, root: string, count: number) {
    this.paths = Array.from({ length: count }, (_, i) => `${root}/c${i}`);
    this.#cgroups = [root, ...this.paths].map((path) => new Cgroup(layout, path));
  }

  static async make(layout: CgroupLayout, count: number): Promise<PopulatedCgroups> {
    const made = new PopulatedCgroups(layout, `plimsoll-bench-${process.pid}`, count);
    try {
      await made.#populate();
      return made;
    } catch (error) {
      await made[Symbol.asyncDispose]();
      throw error;
    }
  }

  async #populate(): Promise<void> {
    for (const { path, mounts } of this.#cgroups) for (const mount of mounts) mkdirSync(join(mount, path));
    const [root, ...members] = this.#cgroups as [Cgroup, ...Cgroup[]];
    const v2 = [...root.layout.controllers].filter(([, { version }]) => version === 2).map(([name]) => `+${name}`);
    const { unified } = root.layout;
    if (unified !== null && v2.length > 0) writeFileSync(join(unified, root.path, 'cgroup.subtree_control'), v2.join(' '));
    const script = 'i=0; while [ $i -lt $0 ]; do sleep infinity & echo $!; i=$((i+1)); done; exec sleep infinity';
    const shell = spawn('/bin/sh', ['-c', script, String(members.length)], { stdio: ['ignore', 'pipe', 'ignore'] });
    this.#pids.push(shell.pid ?? 0);
    let text = '';
    while (text.split('\n').length <= members.length) text += String((await once(shell.stdout, 'data'))[0]);
    const pids = text.trim().split('\n').map(Number);
    this.#pids.push(...pids);
    members.forEach((cgroup, i) => {
      for (const mount of cgroup.v1Mounts) writeFileSync(join(mount, cgroup.path, 'tasks'), String(pids[i]));
      if (unified !== null) writeFileSync(join(unified, cgroup.path, 'cgroup.procs'), String(pids[i]));
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const pid of this.#pids) process.kill(pid, 'SIGKILL');
    for (const { path, mounts } of this.#cgroups.toReversed()) {
      for (const mount of mounts) await remove(join(mount, path));
    }
  }
}

/** A killed process leaves its cgroup when it leaves. */
async function remove(path: string): Promise<void> {
  while (readFileSync(join(path, 'cgroup.procs'), 'latin1') !== '') await delay(2);
  rmdirSync(path);
}
