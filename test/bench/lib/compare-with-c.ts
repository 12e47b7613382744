import { closeSync } from 'node:fs';
import { DEFAULT_SECCOMP_PROFILE, idMap, removeCgroup, startContainer, validateConfig, type StartRequest } from '@plimsoll/core';
import type { Limits } from '@plimsoll/protocol';
import { makeUserNamespace } from '../../../packages/core/src/namespaces/user-namespace.ts';
import { Core } from '../../support/core.ts';
import { CStarter, NoCompiler } from './c-starter.ts';
import { medianRatio, milliseconds, summarize } from './statistics.ts';

const WARM_UP = 100;

/** Start to exit in core alone, beside the same syscalls made by a C program, by turns. The user and network namespaces are made ahead for both. */
export async function compareWithC(rounds: number, limits: Limits): Promise<void> {
  await using core = await Core.make();
  const ids = idMap(1_980_000_000);
  const made = await makeUserNamespace(core.kernel.zygotes, { uid: ids, gid: ids }, { network: true });
  const { user, network } = made;
  if (network === null) throw new Error('it was made with one');
  const ahead = new Map([
    ['user', user],
    ['network', network],
  ] as const);
  await using container = core.container({
    limits,
    edit: ({ linux }) => void Object.assign(linux, { uidMappings: ids, gidMappings: ids, seccomp: DEFAULT_SECCOMP_PROFILE }),
  });
  await using neighbour = core.container({ args: ['sleep', 'infinity'] });
  (await neighbour.start()).takeBirth();
  const request: StartRequest = { ...container.request, madeAhead: ahead };
  validateConfig(request.config);

  const ours = async (): Promise<number> => {
    const from = performance.now();
    const started = await startContainer(core.kernel, request);
    const { code } = await started.process.exited;
    removeCgroup(request.cgroup);
    const took = performance.now() - from;
    started.takeBirth();
    if (code !== 0) throw new Error(`ended with ${code}`);
    return took;
  };

  try {
    await using c = new CStarter(core.directory, request, { user, network });
    const series = { ours: [] as number[], c: [] as number[] };
    for (let round = -WARM_UP; round < rounds; round++) {
      const [own, theirs] = [await ours(), await c.round()];
      if (round < 0) continue;
      series.ours.push(own);
      series.c.push(theirs);
    }
    console.log(`\ncore alone, and the same syscalls from C\n  ${'ours'.padEnd(16)}${milliseconds(summarize(series.ours))}`);
    console.log(
      `  ${'C'.padEnd(16)}${milliseconds(summarize(series.c))}   ratio ${medianRatio(series.ours, series.c).toFixed(2)}`,
    );
  } catch (error) {
    if (!(error instanceof NoCompiler)) throw error;
    console.log(`\nno C compiler here, so no ratio to C: ${error.message}`);
  } finally {
    for (const fd of ahead.values()) closeSync(fd);
  }
}
