import { DEFAULT_STOP_GRACE_MS, type ContainerState, type Limits } from '@plimsoll/protocol';
import { complain } from './complain.ts';
import type { Container } from './container/container.ts';
import type { JournalEntry, Desired } from './journal-entry.ts';
import type { ExitRecord } from './ledger-record.ts';
import type { ContainerDefinition } from './protocol.ts';
import type { RuntimeState, Store } from './store.ts';

/** What the journal has about one container when a supervisor starts. */
export interface Past {
  /** By its last name. */
  definition: ContainerDefinition;
  limits?: Limits;
  start?: { incarnation: number; at: string };
  exit?: ExitRecord;
  /** None where it was started since: that carried it out. */
  desired?: Desired;
}

/** Of each container that there is, in the order in which they were created. */
export function readPasts(entries: readonly JournalEntry[]): Past[] {
  const pasts = new Map<string, Past>();
  for (const entry of entries) if (entry.kind === 'created') pasts.set(entry.id, { definition: entry.definition });
  for (const entry of entries) {
    const past = pasts.get(entry.id);
    if (past === undefined) continue;
    if (entry.kind === 'renamed') past.definition = { ...past.definition, name: entry.name };
    if (entry.kind === 'limits') past.limits = entry.limits;
    if (entry.kind === 'exit') past.exit = entry;
    if (entry.kind === 'start') past.start = entry;
    if (entry.kind === 'start') delete past.desired;
    if (entry.kind === 'desired') past.desired = entry.desired;
  }
  return [...pasts.values()];
}

/** Restores a container's present state, and continues the stop or restart that the previous supervisor had begun. */
export async function takeOver(container: Container, past: Past, store: Store): Promise<void> {
  const { definition, exit, start, desired } = past;
  const { id } = definition;
  const last = Math.max(exit?.incarnation ?? 0, start?.incarnation ?? 0);
  container.restore(last, exit?.counters ?? null, stateBefore(past), past.limits);
  // Started, and no end recorded: it runs still, or it ended unwatched and its counters are waiting to be read.
  if (start !== undefined && start.incarnation > (exit?.incarnation ?? 0)) {
    const runtime = store.readRuntimeState(id);
    await container.adopt(runtime?.incarnation === start.incarnation ? runtime : lostTrackOf(store.bootId, start));
  }
  if (!container.isAlive) return;
  if (desired === 'stopped') {
    container.stop(DEFAULT_STOP_GRACE_MS).catch((error: unknown) => complain(`cannot stop container "${id}"`, error));
  }
  if (desired === 'restarted') {
    container.restart(DEFAULT_STOP_GRACE_MS).catch((error: unknown) => complain(`cannot restart container "${id}"`, error));
  }
}

/** Goes on with a start that waited, or with that of a restart whose stop is over. The cgroups of starts that died must be gone. */
export function resumeStart(container: Container, { desired }: Past): void {
  if ((desired === 'running' || desired === 'restarted') && !container.isAlive) container.resumeStart();
}

/** Nobody knows its process: what is left of it in its cgroup is ended, and recorded. */
function lostTrackOf(bootId: string, { incarnation, at }: { incarnation: number; at: string }): RuntimeState {
  return {
    bootId,
    incarnation,
    pid: 0,
    startTime: '',
    startedAt: at,
    startedMonotonicNs: null,
    startedBootNs: null,
    frozenAt: null,
  };
}

function stateBefore({ exit, start }: Past): ContainerState {
  if (exit !== undefined && exit.incarnation >= (start?.incarnation ?? 0)) {
    const { startedAt, exitedAt, exitCode, signal, oomKilled } = exit;
    return { status: 'exited', startedAt, exitedAt, exitCode, signal, oomKilled };
  }
  // Started, and no record of an end: the host went down with it, or the start did not come to exec.
  if (start !== undefined) {
    return { status: 'exited', startedAt: start.at, exitedAt: start.at, exitCode: null, signal: null, oomKilled: false };
  }
  return { status: 'created' };
}
