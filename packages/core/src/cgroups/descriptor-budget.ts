import { readFileSync } from 'node:fs';

/** Left to everything else that a process opens. */
const RESERVE = 1024;

/** How many descriptors samplers may hold open: what this process may have (RLIMIT_NOFILE) less a reserve. */
export class DescriptorBudget {
  #left: number;

  constructor(most: number) {
    this.#left = most;
  }

  /** False: so many are not left, and none is taken. */
  take(count: number): boolean {
    if (count > this.#left) return false;
    this.#left -= count;
    return true;
  }

  give(count: number): void {
    this.#left += count;
  }
}

let shared: DescriptorBudget | undefined;

/** Of this process, for all its samplers. */
export function processBudget(): DescriptorBudget {
  if (shared === undefined) {
    const limit = descriptorLimit(readFileSync('/proc/self/limits', 'latin1'));
    shared = new DescriptorBudget(limit - Math.min(RESERVE, limit / 2));
  }
  return shared;
}

/** The soft limit in the text of /proc/self/limits (proc_pid_limits(5)). */
export function descriptorLimit(limits: string): number {
  const soft = /^Max open files\s+(\S+)/m.exec(limits)?.[1];
  return soft === undefined || soft === 'unlimited' ? Number.MAX_SAFE_INTEGER : Number(soft);
}
