import type { SeccompArgument, SeccompOperator, SeccompValue } from './profile.ts';

/** The halves of a u64, which a filter can look at one at a time. */
interface Halves {
  readonly high: number;
  readonly low: number;
}

/** What is asked of one argument. `mask` is of MASKED_EQ alone. */
export interface Comparison {
  readonly argument: number;
  readonly op: SeccompOperator;
  readonly value: Halves;
  readonly mask: Halves;
}

const EVERY_BIT: Halves = { high: 0xffff_ffff, low: 0xffff_ffff };

/** Null where nothing is asked: a mask without bits. */
export function comparison({ index, value, valueTwo = 0, op }: SeccompArgument): Comparison | null {
  if (op !== 'SCMP_CMP_MASKED_EQ') return { argument: index, op, value: halves(value), mask: EVERY_BIT };
  const mask = halves(value);
  if (mask.high === 0 && mask.low === 0) return null;
  const wanted = halves(valueTwo);
  // Bits outside of the mask do not count, in the value neither: libseccomp masks both.
  const masked = { high: (wanted.high & mask.high) >>> 0, low: (wanted.low & mask.low) >>> 0 };
  return { argument: index, op, value: masked, mask };
}

function halves(value: SeccompValue): Halves {
  const whole = BigInt(value);
  return { high: Number(whole >> 32n), low: Number(whole & 0xffff_ffffn) };
}

/** Exact values before upper bounds before lower bounds. */
const RANK: Record<SeccompOperator, number> = {
  SCMP_CMP_EQ: 0,
  SCMP_CMP_NE: 0,
  SCMP_CMP_MASKED_EQ: 0,
  SCMP_CMP_LT: 1,
  SCMP_CMP_LE: 1,
  SCMP_CMP_GT: 2,
  SCMP_CMP_GE: 2,
};

/**
 * Which of two rules of a syscall is asked first; it matters where both match and their actions differ. As libseccomp
 * orders its tree (db.c), whatever the order in the profile: a later argument first, then by the operator, then the
 * narrower bound; and of two rules that begin alike the shorter, which holds the other.
 */
export function compareRules(a: readonly Comparison[], b: readonly Comparison[]): number {
  for (let i = 0; i < Math.min(a.length, b.length); i++) {
    const order = compare(a[i] as Comparison, b[i] as Comparison);
    if (order !== 0) return order;
  }
  return a.length - b.length;
}

function compare(a: Comparison, b: Comparison): number {
  if (a.argument !== b.argument) return b.argument - a.argument;
  if (RANK[a.op] !== RANK[b.op]) return RANK[a.op] - RANK[b.op];
  const order = a.value.high - b.value.high || a.value.low - b.value.low;
  return RANK[a.op] === 1 ? order : -order;
}
