import type { KernelAnswer } from '@plimsoll/protocol';
import type { Context } from '../context.ts';
import { print, sheet } from './terminal.ts';

/** What was changed, and what the kernel's files say of it now. */
export function printAnswers(context: Context, name: string, kernel: readonly KernelAnswer[]): void {
  print(context, name);
  if (kernel.length === 0) return;
  print(context, sheet(kernel.map(({ file, reads }) => [file, reads === '' ? '(no limit)' : reads] as const)));
}
