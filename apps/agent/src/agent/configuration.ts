import { PlimsollError } from '@plimsoll/protocol';
import type { ChartRetention } from './charts/grains.ts';
import { WebhookAllowance } from './alerts/webhook-allowance.ts';
import type { Retention as EventRetention } from './events/event-store.ts';
import type { Retention } from './ledger/roll-up.ts';
import { stateRoot, type StateRoot } from '../state-root.ts';
import { loopbackAddress, type LoopbackAddress } from './metrics/loopback-address.ts';

export interface AgentConfiguration {
  state: StateRoot;
  sampleMs: number;
  /** The user that the web process runs as, who may connect to the agent's socket beside root. */
  webUid: number | null;
  /** Where Prometheus may scrape without a token. Null: nowhere. */
  metricsAddress: LoopbackAddress | null;
  /** How long the ledger keeps readings of each minute, hour and day. */
  retention: Retention;
  /** How long samples of charts are kept at each grain. */
  chartRetention: ChartRetention;
  /** How long, and how many, events are kept. */
  eventRetention: EventRetention;
  /** Where inside the network webhooks may go. */
  webhooks: WebhookAllowance;
}

const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;
const MOST_HOURS = 24 * 366;
const MOST_DAYS = 36_500;
const MOST_EVENTS = 100_000_000;

export function readConfiguration(environment: NodeJS.ProcessEnv = process.env): AgentConfiguration {
  return {
    state: stateRoot(environment),
    sampleMs: wholeNumber(environment, 'PLIMSOLL_SAMPLE_MS', 100, 60_000) ?? 1000,
    webUid: wholeNumber(environment, 'PLIMSOLL_WEB_UID', 0, 2 ** 32 - 2),
    metricsAddress: loopbackAddress('PLIMSOLL_METRICS', environment['PLIMSOLL_METRICS']),
    retention: {
      minutesMs: (wholeNumber(environment, 'PLIMSOLL_KEEP_MINUTES', 1, MOST_DAYS) ?? 2) * DAY_MS,
      hoursMs: (wholeNumber(environment, 'PLIMSOLL_KEEP_HOURS', 1, MOST_DAYS) ?? 10) * DAY_MS,
      daysMs: (wholeNumber(environment, 'PLIMSOLL_KEEP_DAYS', 1, MOST_DAYS) ?? 1100) * DAY_MS,
    },
    // Each until the coarser is made of it, at least.
    chartRetention: {
      seconds: (wholeNumber(environment, 'PLIMSOLL_KEEP_CHARTS_1S_HOURS', 1, MOST_HOURS) ?? 2) * HOUR_MS,
      tens: (wholeNumber(environment, 'PLIMSOLL_KEEP_CHARTS_10S_HOURS', 6, MOST_HOURS) ?? 36) * HOUR_MS,
      fives: (wholeNumber(environment, 'PLIMSOLL_KEEP_CHARTS_5M_DAYS', 2, MOST_DAYS) ?? 31) * DAY_MS,
      hours: (wholeNumber(environment, 'PLIMSOLL_KEEP_CHARTS_1H_DAYS', 2, MOST_DAYS) ?? 400) * DAY_MS,
    },
    eventRetention: {
      ageMs: (wholeNumber(environment, 'PLIMSOLL_KEEP_EVENT_DAYS', 1, MOST_DAYS) ?? 400) * DAY_MS,
      rows: wholeNumber(environment, 'PLIMSOLL_KEEP_EVENTS', 1, MOST_EVENTS) ?? 1_000_000,
    },
    webhooks: WebhookAllowance.parse('PLIMSOLL_WEBHOOK_ALLOW', environment['PLIMSOLL_WEBHOOK_ALLOW']),
  };
}

function wholeNumber(environment: NodeJS.ProcessEnv, name: string, least: number, most: number): number | null {
  const text = environment[name];
  if (text === undefined || text === '') return null;
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < least || value > most) {
    throw new PlimsollError('bad-request', `${name} is "${text}": it must be a whole number from ${least} to ${most}`);
  }
  return value;
}
