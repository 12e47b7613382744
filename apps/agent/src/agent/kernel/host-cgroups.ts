import { CgroupTree, hierarchiesOf, isCgroup, ownerOf, walkCgroups, type CgroupLayout, type TreeCgroup } from '@plimsoll/core';
import { PlimsollError, type HostCgroup, type HostCgroupDetail } from '@plimsoll/protocol';
import { GuardedCgroups, hintFor, type Guard } from '../../guards.ts';
import { Handles } from './handles.ts';
import { interfaceFiles } from './interface-files.ts';
import { processesIn } from './processes.ts';

/** As CgroupPath has it: what is longer cannot be told of. */
const LONGEST_PATH = 2048;

export interface HostCgroupsParts {
  /** All of the host's. */
  layout: CgroupLayout;
  /** The name of this Plimsoll's cgroup root. */
  ownRoot: string;
  /** What guards cgroups at this moment, where that pid asks. Throws where it cannot be told. */
  guards: (asking: number | null | undefined) => Guard[];
}

/** The cgroups of the whole host, whoever made them, as they are at this moment. */
export class HostCgroups {
  readonly #parts: HostCgroupsParts;
  readonly #handles = new Handles();
  readonly #tree: CgroupTree;

  constructor(parts: HostCgroupsParts) {
    this.#parts = parts;
    this.#tree = new CgroupTree(parts.layout);
  }

  /** Parents before children. `asking`: the process for which it is told. */
  async list(asking: number | null | undefined): Promise<HostCgroup[]> {
    return this.#views(await walkCgroups(this.#parts.layout), asking);
  }

  /** The same for everybody, again and again. */
  async look(): Promise<HostCgroup[]> {
    return this.#views(await this.#tree.look(), undefined);
  }

  #views(tree: readonly TreeCgroup[], asking: number | null | undefined): HostCgroup[] {
    this.#handles.keep(new Set(tree.map(({ path }) => path)));
    const { reason } = this.#guarded(asking);
    return tree.filter(({ path }) => path.length <= LONGEST_PATH).map((cgroup) => this.#view(cgroup, reason));
  }

  /** Throws `not-found`. */
  async get(path: string, asking?: number | null): Promise<HostCgroup> {
    const [cgroup] = await walkCgroups(this.#parts.layout, path);
    if (cgroup === undefined) throw gone(path);
    return this.#view(cgroup, this.#guarded(asking).reason);
  }

  /** Throws `not-found`. */
  requireThere(path: string): void {
    const there = hierarchiesOf(this.#parts.layout).some(({ mount }) => isCgroup(`${mount}/${path}`));
    if (!there) throw gone(path);
  }

  async inspect(path: string, asking?: number | null): Promise<HostCgroupDetail> {
    const { layout } = this.#parts;
    const [cgroup, processes] = await Promise.all([this.get(path, asking), processesIn(layout, path)]);
    return { cgroup, processes, files: interfaceFiles(layout, path) };
  }

  /** The processes that must not be in a cgroup which is frozen or killed. Throws `forbidden` where it is guarded, or where that cannot be told. */
  requireUnguarded(path: string, doing: string, asking: number | null): number[] {
    const { reason, guards } = this.#guarded(asking);
    const why = reason(path);
    if (why === null) return guards.map(({ pid }) => pid);
    throw new PlimsollError('forbidden', `cannot ${doing} cgroup "${path}": ${why}`, {
      hint: hintFor(path, this.#parts.ownRoot),
    });
  }

  handleOf(path: string): number {
    return this.#handles.of(path);
  }

  #view({ path, hierarchies, populated, frozen }: TreeCgroup, reason: (path: string) => string | null): HostCgroup {
    return {
      path,
      handle: this.#handles.of(path),
      hierarchies,
      owner: ownerOf(path, this.#parts.ownRoot),
      populated,
      frozen,
      guarded: reason(path),
    };
  }

  /** Whatever keeps the guards from being known guards everything. */
  #guarded(asking: number | null | undefined): { guards: Guard[]; reason: (path: string) => string | null } {
    try {
      const guards = this.#parts.guards(asking);
      const cgroups = new GuardedCgroups(guards, this.#parts.ownRoot);
      return { guards, reason: (path) => cgroups.reason(path) };
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      return { guards: [], reason: () => `it cannot be told whether it holds what must go on: ${why}` };
    }
  }
}

function gone(path: string): PlimsollError {
  return new PlimsollError('not-found', `there is no cgroup "${path}"`, {
    hint: 'It may have gone: `plimsoll cgroup ls` lists what there is.',
  });
}
