import { AlertCondition, DisplayName, WebhookSecret, WebhookUrl } from '@plimsoll/protocol';
import { z } from 'zod';

/** A rule as it is kept, its secret with it. */
export const StoredRule = z.object({
  id: z.string(),
  name: DisplayName,
  enabled: z.boolean(),
  when: AlertCondition,
  /** In ms since 1970. */
  createdAt: z.int(),
  /** When it was last switched on, or its condition changed: what happened before does not concern it. */
  inForceSince: z.int(),
  webhook: z.object({ url: WebhookUrl, secret: WebhookSecret }).nullable(),
});
export type StoredRule = z.infer<typeof StoredRule>;
