import { z } from 'zod';
import { Alert, AlertReport, AlertRuleRef, AlertRuleView, ChangeAlertRule, CreateAlertRule, WebhookAnswer } from '../alert.ts';
import { Done, Nothing, type Commands } from './command.ts';

export const ALERT_COMMANDS = {
  'alert.list': { args: Nothing, result: AlertReport, deadlineMs: 10_000, who: 'user', repeat: 'freely' },
  /** `forbidden` where its webhook names an internal address that is not allowed. */
  'alert.create': { args: CreateAlertRule, result: AlertRuleView, deadlineMs: 10_000, who: 'user' },
  /** What fires by a rule whose condition is another now, or that is switched off, is over. */
  'alert.update': { args: ChangeAlertRule, result: AlertRuleView, deadlineMs: 10_000, who: 'user' },
  /** Deliveries of it that were not made yet are given up. */
  'alert.remove': { args: z.strictObject({ rule: AlertRuleRef }), result: Done, deadlineMs: 10_000, who: 'user' },
  /** Sends one delivery to its webhook now, and answers with what came back. */
  'alert.test': { args: z.strictObject({ rule: AlertRuleRef }), result: WebhookAnswer, deadlineMs: 30_000, who: 'user' },
  /** Says that they were seen. Absent: all that there are. */
  'alert.acknowledge': {
    args: z.strictObject({ alerts: z.array(Alert.shape.id.max(64)).max(1000).optional() }),
    result: Done,
    deadlineMs: 10_000,
    who: 'user',
  },
} as const satisfies Commands;
