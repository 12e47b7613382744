import { z } from 'zod';
import { ImageView, ImportSource } from '../image.ts';
import { ImageName } from '../names.ts';
import { Done, Nothing, type Commands } from './command.ts';

export const IMAGE_COMMANDS = {
  'image.list': { args: Nothing, result: z.array(ImageView), deadlineMs: 10_000, who: 'user', repeat: 'freely' },
  'image.import': {
    args: z.strictObject({ name: ImageName, source: ImportSource }),
    result: ImageView,
    deadlineMs: 600_000,
    who: 'local',
  },
  'image.remove': { args: z.strictObject({ name: ImageName }), result: Done, deadlineMs: 60_000, who: 'user' },
} as const satisfies Commands;
