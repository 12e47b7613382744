import { z } from 'zod';
import { BirthStep, ContainerView, CreateContainer, RunContainer } from '../container.ts';
import { START_DEADLINE_MS } from '../container-state.ts';
import { Stats, StatsQuery } from '../container-stats.ts';
import { ContainerIsolation } from '../isolation.ts';
import { KernelAnswer, LimitsChange } from '../limits.ts';
import { ContainerName, ContainerRef } from '../names.ts';
import { ContainerProcesses } from '../process.ts';
import { Signal } from '../signal.ts';
import { DEFAULT_STOP_GRACE_MS } from '../stop-grace.ts';
import { Done, Nothing, type Commands } from './command.ts';

const Target = z.strictObject({ container: ContainerRef });
const GraceMs = z.int().min(0).max(600_000).default(DEFAULT_STOP_GRACE_MS);

export const CONTAINER_COMMANDS = {
  'container.create': { args: CreateContainer, result: ContainerView, deadlineMs: 10_000, who: 'user', repeat: 'once' },
  'container.start': { args: Target, result: ContainerView, deadlineMs: START_DEADLINE_MS, who: 'user', repeat: 'once' },
  /** Create and start as one: where the start fails nothing is left of it. */
  'container.run': { args: RunContainer, result: ContainerView, deadlineMs: START_DEADLINE_MS, who: 'user', repeat: 'once' },
  'container.freeze': { args: Target, result: ContainerView, deadlineMs: 10_000, who: 'user', repeat: 'once' },
  'container.thaw': { args: Target, result: ContainerView, deadlineMs: 10_000, who: 'user', repeat: 'once' },
  /**
   * Acknowledged when it has ended, by its own will or by the kill after the grace time; at once where it does not run. While it is
   * stopping already: the earlier kill holds.
   */
  'container.stop': {
    args: Target.extend({ graceMs: GraceMs }),
    result: ContainerView,
    deadlineMs: 620_000,
    who: 'user',
    repeat: 'once',
  },
  /**
   * Stops it where it runs, and starts it; acknowledged when the start is. A kill or a stop that comes meanwhile gives the start up
   * (`wrong-state`). A container that is removed when it ends is not removed by this.
   */
  'container.restart': {
    args: Target.extend({ graceMs: GraceMs }),
    result: ContainerView,
    deadlineMs: 640_000,
    who: 'user',
    repeat: 'once',
  },
  /**
   * SIGKILL ends every process in its cgroup, frozen or not, and is acknowledged when all are gone. Any other signal goes to its
   * first process, and is acknowledged when it is sent.
   */
  'container.kill': {
    args: Target.extend({ signal: Signal.default('SIGKILL') }),
    result: ContainerView,
    deadlineMs: 20_000,
    who: 'user',
    repeat: 'once',
  },
  /** In any state; id, cgroup, host name and files stay. `conflict` where the name is taken. */
  'container.rename': {
    args: Target.extend({ name: ContainerName }),
    result: ContainerView,
    deadlineMs: 10_000,
    who: 'user',
    repeat: 'once',
  },
  'container.remove': {
    args: Target.extend({ force: z.boolean().default(false) }),
    result: Done,
    deadlineMs: 20_000,
    who: 'user',
    repeat: 'once',
  },
  /**
   * Changes limits and priorities, of a container that runs too. Acknowledged when the kernel has been read back:
   * `kernel` is what each file that was written says now, none where it does not run.
   */
  'container.update': {
    args: Target.extend({ limits: LimitsChange }),
    result: z.object({ container: ContainerView, kernel: z.array(KernelAnswer) }),
    deadlineMs: 10_000,
    who: 'user',
    repeat: 'once',
  },
  'container.list': { args: Nothing, result: z.array(ContainerView), deadlineMs: 10_000, who: 'user', repeat: 'freely' },
  'container.inspect': { args: Target, result: ContainerView, deadlineMs: 10_000, who: 'user', repeat: 'freely' },
  /** How its last start was made: every syscall in order, with its time. */
  'container.birth': { args: Target, result: z.array(BirthStep), deadlineMs: 10_000, who: 'user', repeat: 'freely' },
  /** What the kernel says of its first process, read now: `wrong-state` where it has none. */
  'container.isolation': { args: Target, result: ContainerIsolation, deadlineMs: 10_000, who: 'user', repeat: 'freely' },
  /** Its processes, read now: `wrong-state` where it does not run. */
  'container.top': { args: Target, result: ContainerProcesses, deadlineMs: 10_000, who: 'user', repeat: 'freely' },
  /** What containers or groups use now, once: their newest samples. */
  'container.stats': { args: StatsQuery, result: z.array(Stats), deadlineMs: 10_000, who: 'user', repeat: 'freely' },
  /**
   * Its view when it does not run, or does not any more; null when the time has passed: ask again. Of one that was removed with its end
   * the last view, for a minute.
   */
  'container.wait': {
    args: Target.extend({ timeoutMs: z.int().min(0).max(30_000) }),
    result: ContainerView.nullable(),
    deadlineMs: 40_000,
    who: 'user',
    repeat: 'freely',
  },
} as const satisfies Commands;
