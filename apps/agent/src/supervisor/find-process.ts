import { readFileSync, readlinkSync } from 'node:fs';
import { processesBelow, statFields, type Cgroup } from '@plimsoll/core';

/** Fields of proc_pid_stat(5), counted from the third. */
const FIELD = { parent: 1, flags: 6, startTime: 19 } as const;
/** include/linux/sched.h: forked, and no exec since. */
const PF_FORKNOEXEC = 0x40;
const TICKS_PER_SECOND = 100;

export interface FoundProcess {
  pid: number;
  /** proc_pid_stat(5), field 22. */
  startTime: string;
  startedAt: string;
  /** CLOCK_MONOTONIC then, to a tick; ns. */
  startedMonotonicNs: string;
  /** CLOCK_BOOTTIME then, to a tick; ns. */
  startedBootNs: string;
}

/** Processes in a cgroup that have exec'd: what a start that its supervisor did not live to finish has left is none. */
export function executedIn(cgroup: Cgroup): number[] {
  const pids = new Set(cgroup.mounts.flatMap((mount) => processesBelow(mount, cgroup.path)));
  return [...pids].filter((pid) => (Number(statFields(pid)?.[FIELD.flags] ?? PF_FORKNOEXEC) & PF_FORKNOEXEC) === 0);
}

/**
 * The first process of the container that runs in a cgroup, by what the kernel says alone: process 1 of a pid namespace of its
 * own; or, in another's, the oldest whose parent is outside. Null: none runs there.
 */
export function findFirstProcess(cgroup: Cgroup): FoundProcess | null {
  const pids = executedIn(cgroup);
  const first = pids.find(isFirstOfNamespace) ?? oldest(pids.filter((pid) => !pids.includes(parentOf(pid))));
  const startTime = first === undefined ? undefined : statFields(first)?.[FIELD.startTime];
  if (first === undefined || startTime === undefined) return null;
  const ageMs = ageOf(startTime);
  return {
    pid: first,
    startTime,
    startedAt: new Date(Date.now() - ageMs).toISOString(),
    startedMonotonicNs: String(process.hrtime.bigint() - BigInt(Math.round(ageMs * 1e6))),
    startedBootNs: String((BigInt(startTime) * 1_000_000_000n) / BigInt(TICKS_PER_SECOND)),
  };
}

function isFirstOfNamespace(pid: number): boolean {
  try {
    if (readlinkSync(`/proc/${pid}/ns/pid`) === readlinkSync('/proc/self/ns/pid')) return false;
    const numbers = /^NSpid:\s*(.*)$/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1]?.split(/\s+/);
    return numbers?.at(-1) === '1';
  } catch {
    // It has ended meanwhile.
    return false;
  }
}

function parentOf(pid: number): number {
  return Number(statFields(pid)?.[FIELD.parent] ?? 0);
}

function oldest(pids: readonly number[]): number | undefined {
  const age = (pid: number) => Number(statFields(pid)?.[FIELD.startTime] ?? Infinity);
  return pids.toSorted((a, b) => age(a) - age(b))[0];
}

function ageOf(startTime: string): number {
  const uptime = Number(readFileSync('/proc/uptime', 'latin1').split(' ', 1)[0]);
  return Math.max(0, (uptime - Number(startTime) / TICKS_PER_SECOND) * 1000);
}
