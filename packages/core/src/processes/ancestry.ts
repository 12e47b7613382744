import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { statFields } from './process.ts';

const ATTEMPTS = 5;
/** include/linux/sched.h */
const PF_KTHREAD = 0x0020_0000;

/** Its parent, that one's, and so on, as far as this pid namespace goes. Null: it has ended. */
export function ancestorsOf(pid: number): number[] | null {
  // One that ends meanwhile hands its children over to another: the chain is followed anew.
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const ancestors = chainFrom(pid);
    if (ancestors !== 'broken') return ancestors;
  }
  throw new Error(`the ancestors of process ${pid} change faster than they can be read`);
}

/** proc_tid_children(5); each of its threads may have made some. Throws where the kernel was built without that. */
export function childrenOf(pid: number): number[] {
  if (!existsSync('/proc/thread-self/children')) {
    throw new Error('this kernel does not tell the children of a process (CONFIG_PROC_CHILDREN)');
  }
  return threadsOf(pid).flatMap((tid) =>
    (textOf(`/proc/${pid}/task/${tid}/children`) ?? '').split(' ').filter(Boolean).map(Number),
  );
}

/** None where it has ended. */
export function threadsOf(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/task`);
  } catch {
    return [];
  }
}

/** The kernel's name of it (comm), which it may have chosen itself. Null: it has ended. */
export function commandName(pid: number): string | null {
  return textOf(`/proc/${pid}/comm`)?.trimEnd() ?? null;
}

/** proc_pid_stat(5), field 9. False where there is no such process. */
export function isKernelThread(pid: number): boolean {
  return (Number(statFields(pid)?.[6] ?? 0) & PF_KTHREAD) !== 0;
}

function chainFrom(pid: number): number[] | null | 'broken' {
  const chain: number[] = [];
  for (let parent = parentOf(pid); parent !== 0; parent = parentOf(parent)) {
    if (parent === null) return chain.length === 0 ? null : 'broken';
    chain.push(parent);
  }
  return chain;
}

/** 0: none, or one that this pid namespace does not show. Null: `pid` has ended. */
function parentOf(pid: number): number | null {
  const parent = statFields(pid)?.[1];
  return parent === undefined ? null : Number(parent);
}

function textOf(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}
