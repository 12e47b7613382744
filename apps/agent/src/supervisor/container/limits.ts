import { updateCgroup, type Cgroup, type LimitAnswer, type OciConfig } from '@plimsoll/core';
import { changedLimits, type Limits, type LimitsChange } from '@plimsoll/protocol';
import { resourcesForChange, resourcesOf } from '../../resources.ts';
import { complain } from '../complain.ts';
import { limitFailure } from '../limit-failure.ts';
import type { ContainerDefinition } from '../protocol.ts';

/** The limits of one container: as it was made with them, or as they were changed since. */
export class ContainerLimits {
  readonly #definition: () => ContainerDefinition;
  readonly #config: OciConfig;
  #current: Limits;

  /** `config` always has the current ones, for the next start. */
  constructor(definition: () => ContainerDefinition, config: OciConfig) {
    this.#definition = definition;
    this.#config = config;
    this.#current = definition().limits;
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
    try {
      const answers = cgroup === null ? [] : updateCgroup(cgroup, resources);
      this.#take(changedLimits(this.#current, change));
      return answers;
    } catch (cause) {
      throw limitFailure(`container "${this.#definition().name}"`, cause);
    }
  }

  /** A crash between kernel and journal leaves limits that nobody was told of: what is on record holds. */
  enforce(cgroup: Cgroup): void {
    if (JSON.stringify(this.#current) === JSON.stringify(this.#definition().limits)) return;
    try {
      updateCgroup(cgroup, resourcesOf(this.#current));
    } catch (error) {
      complain(`cannot restore the limits of container "${this.#definition().id}"`, error);
    }
  }

  #take(limits: Limits): void {
    this.#current = limits;
    const { linux } = this.#config;
    const { devices } = linux.resources;
    linux.resources = { ...resourcesOf(limits), ...(devices !== undefined && { devices }) };
  }
}
