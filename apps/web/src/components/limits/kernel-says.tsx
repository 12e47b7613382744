import type { KernelAnswer } from '@plimsoll/protocol';
import { Check } from 'lucide-react';
import { lastPart } from '../../lib/tree.ts';

/** The files that were written, and what they read now. */
export function KernelSays({ answers }: { answers: readonly KernelAnswer[] }) {
  return answers.map(({ file, reads }) => (
    <span key={`${file} ${reads}`} className="flex items-baseline gap-1 text-ink-2" title={file}>
      <Check aria-hidden size={12} className="flex-none self-center text-running" />
      <span className="min-w-0 wrap-anywhere">
        <span className="font-mono">{lastPart(file)}</span> reads{' '}
        <span className="font-mono text-ink">{reads === '' ? 'nothing' : reads}</span>
      </span>
    </span>
  ));
}
