import { z } from 'zod';
import { VolumeName } from '../names.ts';
import { CreateVolume, VolumeView } from '../volume.ts';
import { Done, Nothing, type Commands } from './command.ts';

export const VOLUME_COMMANDS = {
  /** What is not measured yet is looked for in the background: a later list has it. */
  'volume.list': { args: Nothing, result: z.array(VolumeView), deadlineMs: 10_000, who: 'user', repeat: 'freely' },
  'volume.create': { args: CreateVolume, result: VolumeView, deadlineMs: 10_000, who: 'user' },
  /** Refused while a container has it among its mounts, whether that runs or not. Acknowledged when its files are deleted. */
  'volume.remove': { args: z.strictObject({ name: VolumeName }), result: Done, deadlineMs: 60_000, who: 'user' },
} as const satisfies Commands;
