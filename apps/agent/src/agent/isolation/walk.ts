import { readdirSync, readlinkSync } from 'node:fs';
import { namespacePath, Pauses } from '@plimsoll/core';
import { NamespaceType } from '@plimsoll/protocol';

/** The inode of each namespace that a process is in. */
export type Inodes = Partial<Record<NamespaceType, number>>;

export interface Walked {
  /** By pid, the lowest first. */
  processes: ReadonlyMap<number, Inodes>;
  passedOver: number;
}

/** The namespaces of every process of the host, some 30 µs each, in slices. What cannot be looked at is passed over. */
export async function walkNamespaces(): Promise<Walked> {
  const pauses = new Pauses();
  const types = kernelTypes();
  const processes = new Map<number, Inodes>();
  let passedOver = 0;
  for (const pid of pidsOfHost()) {
    const inodes = namespacesOf(pid, types);
    if (inodes === null) passedOver += 1;
    else processes.set(pid, inodes);
    if (pauses.isDue) await pauses.take();
  }
  return { processes, passedOver };
}

/** Null: it has ended, as far as its parent not having reaped it, or the kernel refuses (ptrace(2), PTRACE_MODE_READ_FSCREDS). */
function namespacesOf(pid: number, types: readonly NamespaceType[]): Inodes | null {
  try {
    return Object.fromEntries(types.map((type) => [type, inodeAt(namespacePath(pid, type))]));
  } catch {
    return null;
  }
}

/** `pid:[4026531836]` */
function inodeAt(path: string): number {
  const link = readlinkSync(path);
  return Number(link.slice(link.indexOf('[') + 1, -1));
}

/** Those that this kernel was built with. */
function kernelTypes(): NamespaceType[] {
  return NamespaceType.options.filter((type) => namespacesOf(process.pid, [type]) !== null);
}

function pidsOfHost(): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .toSorted((a, b) => a - b);
}
