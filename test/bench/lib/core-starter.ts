import { closeSync } from 'node:fs';
import { DEFAULT_SECCOMP_PROFILE, idMap, removeCgroup, startContainer, validateConfig, type StartRequest } from '@plimsoll/core';
import type { Limits } from '@plimsoll/protocol';
import { makeUserNamespace } from '../../../packages/core/src/namespaces/user-namespace.ts';
import { Core, type TestContainer } from '../../support/core.ts';
import type { MadeAhead } from './c-starter.ts';

/**
 * Starts in core alone: what an OCI runtime does for `run`, cgroup made and removed again, and no more; no supervisor, no
 * record. The user and network namespaces are made ahead.
 */
export class CoreStarter implements AsyncDisposable {
  readonly core: Core;
  readonly request: StartRequest;
  readonly madeAhead: MadeAhead;
  readonly #containers: readonly TestContainer[];

  private constructor(core: Core, container: TestContainer, neighbour: TestContainer, madeAhead: MadeAhead) {
    const { user, network } = madeAhead;
    this.core = core;
    this.madeAhead = madeAhead;
    this.request = {
      ...container.request,
      madeAhead: new Map([
        ['user', user],
        ['network', network],
      ]),
    };
    this.#containers = [container, neighbour];
    validateConfig(this.request.config);
  }

  static async make(limits: Limits, layers: string[]): Promise<CoreStarter> {
    const core = await Core.make();
    const ids = idMap(1_980_000_000);
    const { user, network } = await makeUserNamespace(core.kernel.zygotes, { uid: ids, gid: ids }, { network: true });
    if (network === null) throw new Error('it was made with one');
    const container = core.container({
      args: ['/nothing'],
      layers,
      limits,
      edit: ({ linux }) => void Object.assign(linux, { uidMappings: ids, gidMappings: ids, seccomp: DEFAULT_SECCOMP_PROFILE }),
    });
    // As on any host in use, something of the group is there already: its cgroup need not be made first.
    const neighbour = core.container({ args: ['sleep', 'infinity'] });
    await (await neighbour.start()).settle();
    return new CoreStarter(core, container, neighbour, { user, network });
  }

  /** Milliseconds of one start to exit. */
  async round(): Promise<number> {
    const from = performance.now();
    const started = await startContainer(this.core.kernel, this.request);
    const { code } = await started.process.exited;
    removeCgroup(this.request.cgroup);
    const took = performance.now() - from;
    await started.settle();
    await started.mounts.release();
    if (code !== 0) throw new Error(`ended with ${code}`);
    return took;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const container of this.#containers) await container[Symbol.asyncDispose]();
    for (const fd of Object.values(this.madeAhead)) closeSync(fd as number);
    await this.core[Symbol.asyncDispose]();
  }
}
