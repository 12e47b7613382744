import type { LoggedEvent } from '@plimsoll/protocol';
import {
  Bell,
  Box,
  FolderTree,
  HardDrive,
  KeyRound,
  Layers,
  ScrollText,
  Server,
  SquareTerminal,
  TriangleAlert,
  type LucideIcon,
} from 'lucide-react';
import { eventTone, type EventTone } from '../../lib/event-texts.ts';

const ICONS: Readonly<Record<string, LucideIcon>> = {
  command: SquareTerminal,
  container: Box,
  incident: TriangleAlert,
  group: FolderTree,
  image: Layers,
  volume: HardDrive,
  disk: HardDrive,
  session: KeyRound,
  alert: Bell,
  agent: Server,
  supervisor: Server,
};

const TONES: Readonly<Record<EventTone, string>> = {
  failed: 'text-failed',
  warning: 'text-warning',
  ice: 'text-ice',
  running: 'text-running',
  idle: 'text-idle',
};

/** Its family, in the colour of what it means. */
export function EventIcon({ event }: { event: LoggedEvent }) {
  const Icon = ICONS[event.kind.split('.', 1)[0] ?? ''] ?? ScrollText;
  return <Icon aria-hidden size={15} className={`flex-none ${TONES[eventTone(event)]}`} />;
}
