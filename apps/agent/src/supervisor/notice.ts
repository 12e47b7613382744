import { Instant } from '@plimsoll/protocol';
import { z } from 'zod';

/** What a person has to know of the state that this supervisor found: a sentence, and what to do. */
export const Notice = z.object({ at: Instant, message: z.string(), hint: z.string() });
export type Notice = z.infer<typeof Notice>;
