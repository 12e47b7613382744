import { Limits, MIN_STORAGE_BYTES, PlimsollError } from '@plimsoll/protocol';
import type { ChartRetention } from './charts/grains.ts';
import { WebhookAllowance } from './alerts/webhook-allowance.ts';
import type { Retention as EventRetention } from './events/event-store.ts';
import type { Retention } from './ledger/roll-up.ts';
import { readSize } from '@plimsoll/protocol/quantities';
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
  /** What the layer of a new container may take where the request has no limit, bytes, on hosts that enforce one. Null: anything. */
  storageBytes: number | null;
  /** Where a file system has little left, 0 to 1. */
  diskLowShare: number;
  /** Where the container that grows the most is frozen, 0 to 1. Null: nowhere. */
  diskFreezeShare: number | null;
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
    storageBytes: storageSize(environment),
    diskLowShare: percentage(environment, 'PLIMSOLL_DISK_LOW', 95) ?? 0.9,
    diskFreezeShare: percentage(environment, 'PLIMSOLL_DISK_FREEZE', 99),
  };
}

/** PLIMSOLL_STORAGE_SIZE: `10g`. */
function storageSize(environment: NodeJS.ProcessEnv): number | null {
  const text = environment['PLIMSOLL_STORAGE_SIZE'];
  if (text === undefined || text === '') return null;
  const bytes = readSize(text, MIN_STORAGE_BYTES);
  const why = typeof bytes === 'object' ? bytes.wrong : Limits.shape.storageBytes.safeParse(bytes).error?.issues[0]?.message;
  if (typeof bytes === 'object' || why !== undefined) {
    throw new PlimsollError('bad-request', `PLIMSOLL_STORAGE_SIZE is ${JSON.stringify(text)}: ${why}`);
  }
  return bytes;
}

/** `95` or `95%`, from 50 on, as a share of 1. */
function percentage(environment: NodeJS.ProcessEnv, name: string, most: number): number | null {
  const text = environment[name]?.replace(/%$/, '');
  const value = wholeNumber({ [name]: text }, name, 50, most);
  return value === null ? null : value / 100;
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
