import type { ContainerState } from '@plimsoll/protocol';
import {
  Circle,
  CircleDashed,
  CloudSnow,
  Hourglass,
  Loader,
  MountainSnow,
  OctagonX,
  Snowflake,
  type LucideIcon,
} from 'lucide-react';
import type { GroupStateKind } from '../lib/group-state.ts';
import { stateKind, stateLabel, type StateKind } from '../lib/state-in-words.ts';

type Kind = StateKind | GroupStateKind;

const GLYPHS: Readonly<Record<Kind, { icon: LucideIcon; tone: string; filled?: boolean }>> = {
  running: { icon: Circle, tone: 'text-running', filled: true },
  active: { icon: Circle, tone: 'text-running', filled: true },
  frozen: { icon: Snowflake, tone: 'text-ice' },
  held: { icon: MountainSnow, tone: 'text-ice' },
  outside: { icon: CloudSnow, tone: 'text-ice' },
  waiting: { icon: Hourglass, tone: 'text-ice' },
  changing: { icon: Loader, tone: 'text-idle motion-safe:animate-pulse' },
  idle: { icon: CircleDashed, tone: 'text-idle' },
  empty: { icon: CircleDashed, tone: 'text-idle' },
  failed: { icon: OctagonX, tone: 'text-failed' },
};

/** A state as glyph, colour and word: never colour alone. */
export function Glyph({ kind, label }: { kind: Kind; label: string }) {
  const { icon: Icon, tone, filled } = GLYPHS[kind];
  return (
    <span className={`inline-flex min-w-0 items-center gap-1.5 ${tone}`} title={label}>
      <span className="flex size-4 flex-none items-center justify-center">
        <Icon aria-hidden size={filled ? 10 : 15} strokeWidth={2.25} fill={filled ? 'currentColor' : 'none'} />
      </span>
      <span className="truncate text-13">{label}</span>
    </span>
  );
}

export function StateGlyph({ state }: { state: ContainerState }) {
  return <Glyph kind={stateKind(state)} label={stateLabel(state)} />;
}
