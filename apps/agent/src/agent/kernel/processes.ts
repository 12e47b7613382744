import { readFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { commandName, hierarchiesOf, readStart, type CgroupLayout } from '@plimsoll/core';
import type { HostProcess } from '@plimsoll/protocol';

const MOST = 1000;
const COMMAND_BYTES = 4096;
const AT_ONCE = 32;

/** Those in the cgroup itself, in any hierarchy; the first thousand by pid. */
export async function processesIn(layout: CgroupLayout, path: string): Promise<HostProcess[]> {
  const pids = new Set(hierarchiesOf(layout).flatMap(({ mount }) => membersIn(`${mount}/${path}/cgroup.procs`)));
  // 0: one that this pid namespace does not show.
  pids.delete(0);
  const first = [...pids].toSorted((a, b) => a - b).slice(0, MOST);
  const found: HostProcess[] = [];
  for (let i = 0; i < first.length; i += AT_ONCE) {
    const batch = await Promise.all(first.slice(i, i + AT_ONCE).map((pid) => describe(pid)));
    found.push(...batch.filter((process) => process !== null));
  }
  return found;
}

function membersIn(file: string): number[] {
  try {
    return readFileSync(file, 'latin1').split('\n').filter(Boolean).map(Number);
  } catch {
    return [];
  }
}

/** Null: it has ended meanwhile. */
async function describe(pid: number): Promise<HostProcess | null> {
  const name = commandName(pid);
  // proc_pid_status(5): real, effective, saved, file system.
  const uid = /^Uid:\t\d+\t(\d+)/m.exec(readStart(`/proc/${pid}/status`) ?? '')?.[1];
  if (name === null || uid === undefined) return null;
  return { pid, name, command: await commandLine(pid), uid: Number(uid) };
}

/** Not on this thread: the kernel reads the process's own memory for it, and may have to wait for that. */
export async function commandLine(pid: number): Promise<string> {
  try {
    await using file = await open(`/proc/${pid}/cmdline`);
    const { bytesRead, buffer } = await file.read(Buffer.alloc(COMMAND_BYTES), 0, COMMAND_BYTES, 0);
    return buffer.toString('utf8', 0, bytesRead).replaceAll('\0', ' ').trimEnd();
  } catch {
    return '';
  }
}
