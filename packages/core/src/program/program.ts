import type { ErrnoName } from '../abi/errno.ts';
import type { SyscallName } from '../abi/syscall-numbers.ts';
import { Result, describe, type Argument } from './argument.ts';
import type { Label } from './label.ts';

/** One syscall to come, or the end of the program. */
export interface Step {
  readonly syscall: SyscallName | 'end';
  readonly arguments: readonly Argument[];
  /** What it is for, in words that go before ": mount: EPERM". */
  readonly purpose: string;
  readonly tolerate: readonly ErrnoName[] | 'any';
  /** Where to go on after a result > 0: how the two sides of a clone part. A number: an address in another program. */
  readonly jump: Label | number | undefined;
  /** Where to go on after an error; without it the runner returns. */
  readonly fail: Label | undefined;
  readonly timed: boolean;
}

export interface StepOptions {
  tolerate?: readonly ErrnoName[] | 'any';
  jump?: Label | number;
  /** How a later step names this one's result when decoded. */
  as?: string;
}

/**
 * A syscall program being written: data that says which syscalls happen, in which order. Nothing is called until it is
 * loaded (load.ts) and run.
 */
export class Program {
  readonly steps: Step[] = [];
  /** Whether steps added from now on read the clock when done. */
  timed = false;
  /** Where steps added from now on go after an error. */
  onError: Label | undefined;

  call(purpose: string, syscall: SyscallName, args: readonly Argument[], options: StepOptions = {}): Result {
    const { tolerate = [], jump, as = `${syscall}()` } = options;
    this.steps.push({ syscall, arguments: args, purpose, tolerate, jump, fail: this.onError, timed: this.timed });
    return new Result(this.steps.length - 1, as);
  }

  /** The runner returns 0 here. */
  end(): void {
    this.steps.push({
      syscall: 'end',
      arguments: [],
      purpose: '',
      tolerate: [],
      jump: undefined,
      fail: undefined,
      timed: false,
    });
  }

  place(label: Label): void {
    label.at = this.steps.length;
  }
}

/** `mount("proc", "/proc", "proc", MS_NOSUID|MS_NODEV, 0)` */
export function describeStep({ syscall, arguments: args }: Step): string {
  return `${syscall}(${args.map(describe).join(', ')})`;
}
