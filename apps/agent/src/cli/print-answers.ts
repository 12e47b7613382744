import type { KernelAnswer } from '@plimsoll/protocol';
import { print, sheet } from './terminal.ts';

/** What was changed, and what the kernel's files say of it now. */
export function printAnswers(name: string, kernel: readonly KernelAnswer[]): void {
  print(name);
  if (kernel.length > 0) print(sheet(kernel.map(({ file, reads }) => [file, reads === '' ? '(no limit)' : reads] as const)));
}
