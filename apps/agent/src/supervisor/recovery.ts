import { DEFAULT_STOP_GRACE_MS, type ContainerState, type Limits } from '@plimsoll/protocol';
import { complain } from './complain.ts';
import type { Container } from './container/container.ts';
import type { Desired, FailedEntry, JournalEntry, StartEntry } from './journal-entry.ts';
import type { ExitRecord } from './ledger-record.ts';
import type { ContainerDefinition } from './protocol.ts';
import type { RuntimeState } from './store.ts';

/** What the journal has about one container when a supervisor starts. */
export interface Past {
  /** By its last name. */
  definition: ContainerDefinition;
  limits?: Limits;
  start?: Pick<StartEntry, 'incarnation' | 'at' | 'boot'>;
  exit?: ExitRecord;
  /** Of the last start. */
  failed?: FailedEntry;
  /** None where it was started since: that carried it out. */
  desired?: Desired;
  /** Of the run under way, where that is still known. */
  runtime?: RuntimeState;
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
    if (entry.kind === 'start') delete past.failed;
    if (entry.kind === 'failed') past.failed = entry;
    if (entry.kind === 'desired') past.desired = entry.desired;
  }
  return [...pasts.values()];
}

/** Restores a container's present state, and continues the stop or restart that the previous supervisor had begun. */
export async function takeOver(container: Container, past: Past, bootId: string): Promise<void> {
  const { definition, exit, start, desired, runtime } = past;
  const { id } = definition;
  const isOpen = isUnderWay(past);
  if (isOpen && runtime === undefined && start?.boot === bootId && container.neverBegan(start.incarnation)) {
    // No process came of it: it is as if it had not been requested.
    const { start: _start, ...before } = past;
    container.restore(lastIncarnation(before), exit?.counters ?? null, stateBefore(before), past.limits);
  } else {
    container.restore(lastIncarnation(past), exit?.counters ?? null, stateBefore(past), past.limits);
    if (isOpen && start !== undefined) await container.adopt(runtime ?? lostTrackOf(bootId, start));
  }
  if (!container.isAlive) return;
  if (desired === 'stopped') {
    container.stop(DEFAULT_STOP_GRACE_MS).catch((error: unknown) => complain(`cannot stop container "${id}"`, error));
  }
  if (desired === 'restarted') {
    container.restart(DEFAULT_STOP_GRACE_MS).catch((error: unknown) => complain(`cannot restart container "${id}"`, error));
  }
}

/** 0: it was never started. */
export function lastIncarnation({ start, exit, failed }: Past): number {
  return Math.max(exit?.incarnation ?? 0, failed?.incarnation ?? 0, start?.incarnation ?? 0);
}

/** Started, and no end recorded: it runs still, or it ended unwatched and its counters are waiting to be read. */
export function isUnderWay({ start, exit, failed }: Past): boolean {
  return failed === undefined && start !== undefined && start.incarnation > (exit?.incarnation ?? 0);
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
    frozenForDisk: null,
  };
}

function stateBefore({ exit, start, failed }: Past): ContainerState {
  if (failed !== undefined) return { status: 'failed', failedAt: failed.at, error: failed.error };
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
