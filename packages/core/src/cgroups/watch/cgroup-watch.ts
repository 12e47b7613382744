import type { EventLoop } from '../../events/event-loop.ts';
import { FileChanges } from '../../events/file-changes.ts';
import { KernelLog } from '../../events/kernel-log.ts';
import type { ZygotePool } from '../../zygote/zygote-pool.ts';
import type { Cgroup } from '../cgroup.ts';
import type { CgroupLayout } from '../layout.ts';
import { Starvation } from './starvation.ts';
import { WatchedCgroup, type CgroupListener } from './watched-cgroup.ts';

/** What the kernel logs and has no other word for on v1: a fork that was refused, the first time in each cgroup, and an OOM kill of the host's. */
const LOGGED = [/^cgroup: fork rejected by pids controller in (\S+)/, /^oom-kill:.*,task_memcg=([^,]+),/];

/**
 * Tells of what happens to cgroups as the kernel tells of it, without asking it again and again: inotify on v2's event files,
 * eventfds on v1's memory, its log for what v1 does not notify, and pressure triggers. Pure v1 says neither when a cgroup is
 * empty nor when it is frozen.
 */
export class CgroupWatch implements AsyncDisposable {
  readonly #kernel: { loop: EventLoop; zygotes: ZygotePool };
  readonly #changes: FileChanges;
  readonly #starvation: Starvation;
  readonly #log: KernelLog | null;
  readonly #watched = new Map<string, WatchedCgroup>();

  /** `root`: path of the cgroup below which all are that will be watched. */
  constructor(kernel: { loop: EventLoop; zygotes: ZygotePool }, layout: CgroupLayout, root: string) {
    this.#kernel = kernel;
    this.#changes = new FileChanges(kernel.loop);
    this.#starvation = new Starvation(kernel.loop, layout, root);
    const hasV1 = [...layout.controllers.values()].some(({ version }) => version === 1);
    this.#log = hasV1 ? KernelLog.open(kernel.loop, (message) => this.#logged(message)) : null;
  }

  /** Why nobody is told that a cgroup starves. Null: it works, or nothing has been watched yet. */
  get whyNoStarvation(): string | null {
    return this.#starvation.whyNot;
  }

  /** Counts are told once at the beginning, and whenever there is more; the rest when it changes. Each cgroup is watched once. */
  watch(cgroup: Cgroup, listener: CgroupListener): WatchedCgroup {
    const watched = new WatchedCgroup(cgroup, listener, {
      ...this.#kernel,
      changes: this.#changes,
      starvation: this.#starvation,
      ended: () => void this.#watched.delete(cgroup.path),
    });
    this.#watched.set(cgroup.path, watched);
    return watched;
  }

  /** The kernel logs paths as the first cgroup namespace sees them: ours may begin further down. */
  #logged(message: string): void {
    const path = LOGGED.map((pattern) => pattern.exec(message)?.[1]).find((found) => found !== undefined);
    if (path === undefined) return;
    for (let at = path.indexOf('/'); at >= 0; at = path.indexOf('/', at + 1)) {
      const watched = this.#watched.get(path.slice(at + 1));
      if (watched !== undefined) return watched.wake();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const watched of [...this.#watched.values()]) watched[Symbol.dispose]();
    this.#log?.[Symbol.dispose]();
    this.#changes[Symbol.dispose]();
    await this.#starvation[Symbol.asyncDispose]();
  }
}
