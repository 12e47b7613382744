import { updateCgroup, type Cgroup, type LimitAnswer, type OciConfig } from '@plimsoll/core';
import { changedLimits, type Limits, type LimitsChange } from '@plimsoll/protocol';
import { resourcesForChange, resourcesOf } from '../../resources.ts';
import { complain } from '../complain.ts';
import type { Identity } from '../identity.ts';
import { limitFailure } from '../limit-failure.ts';

/** The limits of one container: as it was made with them, or as they were changed since. */
export class ContainerLimits {
  readonly #identity: Pick<Identity, 'host' | 'definition' | 'paths'>;
  readonly #config: OciConfig;
  #current: Limits;

  /** `config` always has the current ones, for the next start. */
  constructor(identity: Pick<Identity, 'host' | 'definition' | 'paths'>, config: OciConfig) {
    this.#identity = identity;
    this.#config = config;
    this.#current = identity.definition.limits;
  }

  get current(): Limits {
    return this.#current;
  }

  /** What the journal knew. */
  restore(limits: Limits): void {
    this.#take(limits);
  }

  /** `cgroup`: of a container that runs, which the kernel is asked for first. Returns its answers. */
  change(change: LimitsChange, cgroup: Cgroup | null): LimitAnswer[] {
    const resources = resourcesForChange(this.#current, change);
    const storage = this.#changeStorage(change.storageBytes);
    try {
      const answers = cgroup === null ? [] : updateCgroup(cgroup, resources);
      this.#take(changedLimits(this.#current, change));
      return [...answers, ...storage];
    } catch (cause) {
      if (storage.length > 0) this.#restoreStorage();
      throw limitFailure(`container "${this.#identity.definition.name}"`, cause);
    }
  }

  /** A crash between kernel and journal leaves limits that nobody was told of: what is on record holds. */
  enforce(cgroup: Cgroup): void {
    this.#restoreStorage();
    if (JSON.stringify(this.#current) === JSON.stringify(this.#identity.definition.limits)) return;
    try {
      updateCgroup(cgroup, resourcesOf(this.#current));
    } catch (error) {
      complain(`cannot restore the limits of container "${this.#identity.definition.id}"`, error);
    }
  }

  /** Undefined: it stays. The layer has its limit whether the container runs or not. */
  #changeStorage(storageBytes: number | null | undefined): LimitAnswer[] {
    if (storageBytes === undefined) return [];
    const { host, paths } = this.#identity;
    return [host.layers.limit(paths, storageBytes)];
  }

  #restoreStorage(): void {
    const { host, paths, definition } = this.#identity;
    const { storageBytes } = this.#current;
    try {
      if (host.layers.limitOf(paths) !== storageBytes) host.layers.limit(paths, storageBytes ?? null);
    } catch (error) {
      complain(`cannot restore the storage limit of container "${definition.id}"`, error);
    }
  }

  #take(limits: Limits): void {
    this.#current = limits;
    const { linux } = this.#config;
    const { devices } = linux.resources;
    linux.resources = { ...resourcesOf(limits), ...(devices !== undefined && { devices }) };
  }
}
