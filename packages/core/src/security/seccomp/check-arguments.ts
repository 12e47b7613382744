import { CLASSIC } from '../../abi/bpf-classic.ts';
import { SECCOMP_DATA } from '../../abi/seccomp.ts';
import type { Assembler, Place } from './assembler.ts';
import type { Comparison } from './comparison.ts';

const HALF_BYTES = 4;
const EVERY_BIT = 0xffff_ffff;

/** Goes to `holds` or `fails`. Arguments are 64 bits, a filter's accumulator 32; both architectures are little-endian. */
export function checkArgument(to: Assembler, asked: Comparison, holds: Place, fails: Place): Place {
  switch (asked.op) {
    case 'SCMP_CMP_EQ':
    case 'SCMP_CMP_MASKED_EQ':
      return equal(to, asked, holds, fails);
    case 'SCMP_CMP_NE':
      return equal(to, asked, fails, holds);
    case 'SCMP_CMP_GT':
      return above(to, asked, CLASSIC.JGT, holds, fails);
    case 'SCMP_CMP_GE':
      return above(to, asked, CLASSIC.JGE, holds, fails);
    case 'SCMP_CMP_LE':
      return above(to, asked, CLASSIC.JGT, fails, holds);
    case 'SCMP_CMP_LT':
      return above(to, asked, CLASSIC.JGE, fails, holds);
  }
}

function equal(to: Assembler, { argument, value, mask }: Comparison, holds: Place, fails: Place): Place {
  let next = holds;
  if (mask.low !== 0) {
    to.branch(CLASSIC.JEQ, value.low, next, fails);
    next = load(to, argument, 'low', mask.low);
  }
  if (mask.high === 0) return next;
  to.branch(CLASSIC.JEQ, value.high, next, fails);
  return load(to, argument, 'high', mask.high);
}

/** By the high halves, and where they are the same by the low ones. `orEqual`: how those are compared. */
function above(to: Assembler, { argument, value }: Comparison, orEqual: number, holds: Place, fails: Place): Place {
  to.branch(orEqual, value.low, holds, fails);
  const lowHalf = load(to, argument, 'low');
  const sameHigh = to.branch(CLASSIC.JEQ, value.high, lowHalf, fails);
  to.branch(CLASSIC.JGT, value.high, holds, sameHigh);
  return load(to, argument, 'high');
}

function load(to: Assembler, argument: number, half: 'high' | 'low', mask = EVERY_BIT): Place {
  if (mask !== EVERY_BIT) to.step(CLASSIC.AND, mask);
  const at = SECCOMP_DATA.arguments + argument * SECCOMP_DATA.argumentBytes;
  return to.step(CLASSIC.LD_W_ABS, half === 'low' ? at : at + HALF_BYTES);
}
