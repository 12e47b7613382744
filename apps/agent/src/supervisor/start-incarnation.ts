import { killCgroup, processStartTime, readClocks, startContainer, tryRemoveCgroup, type Started } from '@plimsoll/core';
import { PlimsollError } from '@plimsoll/protocol';
import { diskError } from '../disk-failure.ts';
import { Streams } from './attach/streams.ts';
import type { Identity } from './identity.ts';
import { Incarnation } from './incarnation.ts';
import { instantOf } from './instant-of.ts';
import { outermostGroup } from './outermost-group.ts';
import { networkFiles } from './network-files.ts';
import { firstId } from './start-config.ts';
import { planStart } from './start-plan.ts';

/** `recorded` resolves when the start is on disk. `fallback`: why it has no user namespace, against its definition. `unmapped`: as core has it. */
export interface StartedIncarnation {
  incarnation: Incarnation;
  recorded: Promise<void>;
  fallback: string | null;
  unmapped: string[];
}

/**
 * Resolves when the command has been exec'd. `recorded` then resolves when the start is on disk, or rejects after the run
 * was ended again. Where it throws, nothing is left. `signal` ends a start that is under way, for its reason.
 */
export async function startIncarnation(identity: Identity, number: number, signal: AbortSignal): Promise<StartedIncarnation> {
  const { host, definition, cgroup, paths, join } = identity;
  const { kernel, store, journal } = host;
  const { id, layers } = definition;
  const clocks = readClocks();
  const startedAt = instantOf(clocks);
  const [startedMonotonicNs, startedBootNs] = [String(clocks.monotonicNs), String(clocks.bootNs)];
  store.prepare(id, firstId(identity.config) ?? 0);
  host.layers.enforce(paths, identity.limits().storageBytes);
  using plan = await planStart(identity);
  const { config, madeAhead, sources, fallback } = plan;
  const streams = Streams.begin(identity, number);
  const rootfs = { layers, upper: paths.upper, work: paths.work, mountPoint: paths.rootfs };
  const hold = host.kept.prepare({ id, incarnation: number, startedAt, startedMonotonicNs });
  const start = {
    config,
    cgroup,
    rootfs,
    stdio: streams.stdio,
    madeAhead,
    sources,
    networkFiles: networkFiles(definition, (id) => join(id).definition),
    hold,
    share: outermostGroup(definition.group),
    signal,
  };
  const starting = startContainer(kernel, start);
  // Written while the container is being set up. Should this process die in between, the next one clears the start away.
  const durable = journal.append({ kind: 'start', id, incarnation: number, at: startedAt, boot: store.bootId });
  let started: Started | undefined;
  try {
    started = await starting;
    streams.started();
    const { process: held, isKept, mounts, unmapped, settle } = started;
    host.kept.started(hold, held, isKept);
    const { pid } = held;
    const startTime = processStartTime(pid) ?? '';
    store.writeRuntimeState(id, {
      bootId: store.bootId,
      incarnation: number,
      pid,
      startTime,
      startedAt,
      startedMonotonicNs,
      startedBootNs,
      frozenAt: null,
      frozenForDisk: null,
    });
    const run = { number, pid, startedAt, startedMonotonicNs, startedBootNs };
    const settleStart = async (): Promise<void> => {
      kernel.networks.refill();
      host.users.refill();
      store.writeBirth(id, { incarnation: number, startedAt, steps: await settle() });
    };
    const incarnation = new Incarnation(identity, { run, process: held, keptAs: hold.key, mounts, streams, settleStart });
    return {
      incarnation,
      fallback,
      unmapped,
      recorded: durable.catch((cause: unknown) => endAgain(incarnation, definition.name, cause)),
    };
  } catch (error) {
    // startContainer undoes its own; what failed after it, a full /run say, leaves a container that nobody would know of.
    await killCgroup(kernel.loop, cgroup).catch(() => {});
    tryRemoveCgroup(cgroup);
    await streams[Symbol.asyncDispose]();
    host.kept.release(hold.key);
    await started?.settle().catch(() => {});
    await started?.mounts.release().catch(() => {});
    await durable.catch(() => {});
    throw error;
  }
}

/** A start that no later supervisor would know of is none. */
async function endAgain(incarnation: Incarnation, name: string, cause: unknown): Promise<never> {
  await incarnation.kill();
  const message = `container "${name}" was ended again: its start could not be recorded`;
  throw diskError(cause) ?? new PlimsollError('start-failed', message, { cause });
}
