import { z } from 'zod';

/**
 * Commands by verb: their arguments, their result, how long the caller waits for the acknowledgement, and who may give them.
 * `local` is root on the agent's host, by a file that only root can read; `user` is any signed-in session as well.
 */
export type Commands = Record<string, { args: z.ZodType; result: z.ZodType; deadlineMs: number; who: 'user' | 'local' }>;

export const Nothing = z.strictObject({});
export const Done = z.object({});
