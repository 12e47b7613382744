import { Droplets, Play, Skull, Snowflake, Square, Trash2, type LucideIcon } from 'lucide-react';
import type { Action } from '../lib/actions.ts';

export const ACTION_ICONS: Readonly<Record<Action['name'], LucideIcon>> = {
  start: Play,
  freeze: Snowflake,
  thaw: Droplets,
  stop: Square,
  kill: Skull,
  remove: Trash2,
};
