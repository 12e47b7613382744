import type { ContainerState } from '@plimsoll/protocol';
import { Circle, CircleDashed, Loader, OctagonX, Snowflake, type LucideIcon } from 'lucide-react';
import { stateKind, stateLabel, type StateKind } from '../lib/state-in-words.ts';

const GLYPHS: Readonly<Record<StateKind, { icon: LucideIcon; tone: string; filled?: boolean }>> = {
  running: { icon: Circle, tone: 'text-running', filled: true },
  frozen: { icon: Snowflake, tone: 'text-ice' },
  changing: { icon: Loader, tone: 'text-idle motion-safe:animate-pulse' },
  idle: { icon: CircleDashed, tone: 'text-idle' },
  failed: { icon: OctagonX, tone: 'text-failed' },
};

/** A state as glyph, colour and word: never colour alone. */
export function StateGlyph({ state, showLabel = true }: { state: ContainerState; showLabel?: boolean }) {
  const kind = stateKind(state);
  const { icon: Icon, tone, filled } = GLYPHS[kind];
  return (
    <span className={`inline-flex min-w-0 items-center gap-1.5 ${tone}`}>
      <span className="flex size-4 flex-none items-center justify-center">
        <Icon aria-hidden size={filled ? 10 : 15} strokeWidth={2.25} fill={filled ? 'currentColor' : 'none'} />
      </span>
      <span className={showLabel ? 'truncate text-13' : 'sr-only'}>{stateLabel(state)}</span>
    </span>
  );
}
