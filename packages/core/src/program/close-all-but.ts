import type { Program } from './program.ts';

/** The last that close_range(2) takes. */
const LAST_FD = { value: 0xffff_ffff, text: '~0U' } as const;

/** Adds the steps that close every descriptor but these. */
export function closeAllBut(program: Program, purpose: string, kept: readonly number[]): void {
  let from = 0;
  for (const fd of [...new Set(kept)].toSorted((a, b) => a - b)) {
    if (fd > from) program.call(purpose, 'close_range', [from, fd - 1, 0]);
    from = fd + 1;
  }
  program.call(purpose, 'close_range', [from, LAST_FD, 0]);
}
