import type { ContainerNamespace } from '@plimsoll/protocol';
import { Box, Link2, Server } from 'lucide-react';
import { sharingInWords } from '../../lib/isolation-in-words.ts';

const GLYPHS = {
  own: { icon: Box, tone: 'text-running' },
  host: { icon: Server, tone: 'text-warning' },
  others: { icon: Link2, tone: 'text-accent' },
} as const;

/** With whom a namespace is shared, as glyph, colour and words. */
export function Sharing({ namespace }: { namespace: ContainerNamespace }) {
  const { icon: Icon, tone } = GLYPHS[namespace.sharedWith];
  const words = sharingInWords(namespace);
  return (
    <span className={`inline-flex max-w-full min-w-0 items-center gap-1.5 ${tone}`} title={words}>
      <Icon aria-hidden size={14} className="flex-none" />
      <span className="truncate text-13">{words}</span>
    </span>
  );
}
