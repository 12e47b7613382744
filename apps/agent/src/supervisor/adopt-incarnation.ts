import { HeldMounts, HeldProcess, processesIn, processStartTime, readLast } from '@plimsoll/core';
import { Streams } from './attach/streams.ts';
import type { Identity } from './identity.ts';
import { Incarnation } from './incarnation.ts';
import { outermostGroup } from './outermost-group.ts';
import { firstId } from './start-config.ts';
import type { RuntimeState } from './store.ts';

/** Whether a start of this boot that no supervisor finished had come to no process, and has used nothing. */
export function neverBegan({ host, definition, cgroup }: Identity, incarnation: number): boolean {
  if (host.kept.has({ id: definition.id, incarnation }) || processesIn(cgroup).length > 0) return false;
  return (readLast(cgroup)?.reading.cpuUsageNs ?? 0n) === 0n;
}

/** Takes over what the supervisor before left: still running, or ended since, which `ended` then tells. */
export function adoptIncarnation(identity: Identity, runtime: RuntimeState): Incarnation {
  const { host, definition } = identity;
  const { loop, zygotes } = host.kernel;
  const { id } = definition;
  const { incarnation, startTime, startedAt } = runtime;
  host.store.prepare(id, firstId(identity.config) ?? 0);
  const streams = Streams.adopt(identity, incarnation);
  const left = host.kept.adopt({ id, incarnation });
  const held = left?.process ?? HeldProcess.adopt(loop, runtime.pid, startTime);
  const startedMonotonicNs = runtime.startedMonotonicNs ?? left?.startedMonotonicNs ?? null;
  let keptAs = left?.key ?? null;
  if (held !== null && startedMonotonicNs !== null) {
    keptAs ??= host.kept.hold({ id, incarnation, startedAt, startedMonotonicNs }, held);
  }
  const pid = held?.pid ?? runtime.pid;
  // The note of it was lost, or not yet written.
  if (runtime.pid === 0 && pid > 0) {
    host.store.writeRuntimeState(id, { ...runtime, pid, startTime: processStartTime(pid) ?? '', startedMonotonicNs });
  }
  const share = outermostGroup(definition.group);
  const mounts = pid > 0 && held !== null ? HeldMounts.of(zygotes, pid, share) : new HeldMounts(zygotes, null, share);
  const { startedBootNs } = runtime;
  const run = { number: incarnation, pid, startedAt, startedMonotonicNs, startedBootNs };
  return new Incarnation(identity, { run, process: held, keptAs, mounts, streams });
}
