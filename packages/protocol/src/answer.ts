import { z } from 'zod';
import { ErrorBody } from './errors.ts';
import { RequestId } from './request-id.ts';

/** What a client sends as the socket.io event `command`, or POSTs to /v1/command. `request`: to send it again without harm. */
export const CommandMessage = z.strictObject({ verb: z.string().max(64), args: z.unknown(), request: RequestId.optional() });
export type CommandMessage = z.infer<typeof CommandMessage>;

/** The acknowledgement: a result of the verb's shape, or an error. */
export const Answer = z.discriminatedUnion('ok', [
  z.object({ ok: z.literal(true), result: z.unknown() }),
  z.object({ ok: z.literal(false), error: ErrorBody }),
]);
export type Answer = z.infer<typeof Answer>;
