import { errnoName } from '../abi/errno.ts';
import type { LoadedProgram } from '../program/load.ts';
import { describeStep, type Program } from '../program/program.ts';

/** One syscall of a start, as it went. */
export interface BirthStep {
  /** `mount("overlay", …)`. */
  syscall: string;
  purpose: string;
  /** Nanoseconds from the first step's end to this one's. Null: not timed. */
  atNs: number | null;
  /** From the end of the step before it, which the runner adds nothing to speak of to. Null for the first. */
  durationNs: number | null;
  /** `3`, or the name of an errno that was expected. */
  result: string | null;
}

interface Part {
  program: Program;
  loaded: LoadedProgram;
  from: number;
  to: number;
  /** Of the clock that these steps read. */
  clockAheadNs?: bigint;
}

/** Reads the timed steps of programs that have run, in the order that they ran in. */
export function readBirth(parts: readonly Part[]): BirthStep[] {
  const steps: BirthStep[] = [];
  let first: bigint | null = null;
  let before: bigint | null = null;
  for (const { program, loaded, from, to, clockAheadNs = 0n } of parts) {
    for (let i = from; i <= to; i++) {
      const step = program.steps[i];
      if (step === undefined || step.syscall === 'end') continue;
      const read = loaded.doneAtNs(i);
      // A jump led past it.
      if (step.timed && read === null) continue;
      const done = read === null ? null : read - clockAheadNs;
      first ??= done;
      const result = loaded.result(i);
      steps.push({
        syscall: describeStep(step),
        purpose: step.purpose,
        atNs: done === null || first === null ? null : Number(done - first),
        durationNs: done === null || before === null ? null : Number(done - before),
        result: done === null ? null : result < 0 ? errnoName(-result) : String(result),
      });
      before = done ?? before;
    }
  }
  return steps;
}
