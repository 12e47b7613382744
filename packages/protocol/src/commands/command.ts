import { z } from 'zod';

/**
 * Commands by verb: their arguments, their result, how long the caller waits for the acknowledgement, and who may give them.
 * `local` is root on the agent's host, by a file that only root can read; `user` is any signed-in session as well.
 */
export interface CommandDefinition {
  args: z.ZodType;
  result: z.ZodType;
  deadlineMs: number;
  who: 'user' | 'local';
  /**
   * Whether a client may send it again that did not hear the answer. `freely`: it changes nothing. `once`: with its request id, by
   * which the supervisor executes it once. Undefined: it may not.
   */
  repeat?: 'freely' | 'once';
}
export type Commands = Record<string, CommandDefinition>;

export const Nothing = z.strictObject({});
export const Done = z.object({});
