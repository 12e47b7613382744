import { LedgerVerdict, UsageQuery, UsageReport } from '../usage.ts';
import { Nothing, type Commands } from './command.ts';

export const USAGE_COMMANDS = {
  /** What was used, to the moment where the span is not over. */
  'usage.query': { args: UsageQuery, result: UsageReport, deadlineMs: 30_000, who: 'user', repeat: 'freely' },
  /** Recomputes the whole ledger from its lowest rows. */
  'ledger.verify': { args: Nothing, result: LedgerVerdict, deadlineMs: 600_000, who: 'user', repeat: 'freely' },
} as const satisfies Commands;
