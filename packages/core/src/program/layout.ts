/** Offsets within a program's pages, in bytes: what runner-*.s reads and writes. */
export const ENTRY = {
  number: 0,
  arguments: 8,
  result: 56,
  /** Of a timed entry. Of one that others name in `fail`: the address of the entry that failed. */
  timeSeconds: 64,
  timeNanoseconds: 72,
  flags: 80,
  tolerate: 88,
  jump: 96,
  fail: 104,
  size: 112,
} as const;

export const FLAG_TIMED = 64;
export const END_OF_PROGRAM = -1;
/** `tolerate` bit 0: any error may happen here; its -errno stands in the result. */
export const TOLERATE_ANY = 1;
