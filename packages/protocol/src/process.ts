import { z } from 'zod';
import { Instant } from './container-state.ts';

/** A process of a container, as the host sees it. */
export const ContainerProcess = z.object({
  pid: z.int(),
  ppid: z.int(),
  /** In the pid namespace that it is in. */
  containerPid: z.int(),
  /** Effective; and what it is in the container, null where that has none for it. */
  uid: z.int(),
  containerUid: z.int().nullable(),
  /** One letter, as ps shows it: `R`, `S`, `D`, `T`, `Z` … (proc_pid_stat(5)). */
  state: z.string(),
  startedAt: Instant,
  /** User and system time, decimal digits; the kernel counts them in hundredths of a second. */
  cpuNs: z.string(),
  rssBytes: z.int(),
  /** The kernel's name of it (comm), and its arguments with spaces between, cut at 4096 bytes; empty of a zombie. */
  name: z.string(),
  command: z.string(),
});
export type ContainerProcess = z.infer<typeof ContainerProcess>;

export const MOST_PROCESSES = 4096;

/** The first MOST_PROCESSES by pid, and how many there were. */
export const ContainerProcesses = z.object({ processes: z.array(ContainerProcess), total: z.int() });
export type ContainerProcesses = z.infer<typeof ContainerProcesses>;
