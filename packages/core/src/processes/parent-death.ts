import { PR } from '../abi/prctl.ts';
import type { Program, StepOptions } from '../program/program.ts';

const SIGKILL = 9;
const parentDeath = { value: PR.PR_SET_PDEATHSIG, text: 'PR_SET_PDEATHSIG' };

/** A change of credentials cancels it (prctl(2)); a clone does not take it over. */
export function dieWithSupervisor(program: Program, options: StepOptions = {}): void {
  program.call('die with the supervisor', 'prctl', [parentDeath, SIGKILL, 0, 0, 0], options);
}
