import type { z } from 'zod';
import { ALERT_COMMANDS } from './commands/alert.ts';
import { CHART_COMMANDS } from './commands/chart.ts';
import { CONTAINER_COMMANDS } from './commands/container.ts';
import { EVENT_COMMANDS } from './commands/event.ts';
import { GROUP_COMMANDS } from './commands/group.ts';
import { HOST_COMMANDS } from './commands/host.ts';
import { IMAGE_COMMANDS } from './commands/image.ts';
import { KERNEL_COMMANDS } from './commands/kernel.ts';
import { USAGE_COMMANDS } from './commands/usage.ts';
import { VOLUME_COMMANDS } from './commands/volume.ts';

/** Every command (commands/command.ts). */
export const COMMANDS = {
  ...CONTAINER_COMMANDS,
  ...GROUP_COMMANDS,
  ...KERNEL_COMMANDS,
  ...IMAGE_COMMANDS,
  ...VOLUME_COMMANDS,
  ...USAGE_COMMANDS,
  ...CHART_COMMANDS,
  ...EVENT_COMMANDS,
  ...ALERT_COMMANDS,
  ...HOST_COMMANDS,
} as const;

export type Verb = keyof typeof COMMANDS;
export type CommandArgs<V extends Verb> = z.output<(typeof COMMANDS)[V]['args']>;
/** Arguments as a caller writes them: what has a default may be left out. */
export type CommandInput<V extends Verb> = z.input<(typeof COMMANDS)[V]['args']>;
export type CommandResult<V extends Verb> = z.output<(typeof COMMANDS)[V]['result']>;

export function isVerb(text: unknown): text is Verb {
  return typeof text === 'string' && Object.hasOwn(COMMANDS, text);
}
