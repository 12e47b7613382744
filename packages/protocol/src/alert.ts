import { z } from 'zod';
import { DiskWriter } from './disk.ts';
import { EVENT_KINDS, EventSubject } from './events.ts';
import { DisplayName } from './group.ts';
import { ContainerRef, GroupPath } from './names.ts';

export type AlertUnit = 'cores' | 'bytes' | 'share' | 'count';

/**
 * The figures that a rule can watch, of a container as of a group, as the sampler has them (samples.ts). A share is a part of the
 * whole, 0 to 1. Of a cgroup that nobody watches, throttling, pressure and limits are up to ten seconds old.
 */
export const ALERT_METRICS = {
  /** Cpus used: cpuCores. */
  cpu: { label: 'cpu', unit: 'cores' },
  /** Part of the time in which its cpu limit held it back: cpuThrottledShare. */
  'cpu-throttled': { label: 'cpu throttled', unit: 'share' },
  /** What docker stats shows: memoryWorkingSetBytes. */
  memory: { label: 'memory', unit: 'bytes' },
  /** The working set over the limit of the cgroup itself. Without a limit there is no such figure. */
  'memory-share': { label: 'memory share', unit: 'share' },
  /** Processes and threads. */
  pids: { label: 'processes', unit: 'count' },
  /** Part of the time in which some process of it waited for the resource (PSI). */
  'cpu-pressure': { label: 'cpu pressure', unit: 'share' },
  'memory-pressure': { label: 'memory pressure', unit: 'share' },
  'io-pressure': { label: 'io pressure', unit: 'share' },
} as const satisfies Record<string, { label: string; unit: AlertUnit }>;
export type AlertMetric = keyof typeof ALERT_METRICS;

const METRICS = Object.keys(ALERT_METRICS) as [AlertMetric, ...AlertMetric[]];
const FAMILIES: ReadonlySet<string> = new Set(EVENT_KINDS.map((kind) => kind.split('.', 1)[0] ?? kind));

/** A kind of event, or a family of them. None of alerts: what a rule causes may not be what it waits for. */
const AlertEventKind = z
  .string()
  .max(64)
  .refine((kind) => !isOfAlerts(kind), 'an alert cannot be about alerts')
  .refine((kind) => FAMILIES.has(kind) || (EVENT_KINDS as readonly string[]).includes(kind), 'there is no event of this kind');

function isOfAlerts(kind: string): boolean {
  return kind.split('.', 1)[0] === 'alert';
}

const OneContainer = z.strictObject({ kind: z.literal('container'), container: ContainerRef });
const OneGroup = z.strictObject({ kind: z.literal('group'), group: GroupPath });

/**
 * Whose figure: of a container, by id or by a name that may come again; of a group's own cgroup; or of each that there is, every
 * one for itself, containers in or below `group` alone where one is given.
 */
export const AlertScope = z.discriminatedUnion('kind', [
  OneContainer,
  OneGroup,
  z.strictObject({ kind: z.literal('every-container'), group: GroupPath.optional() }),
  z.strictObject({ kind: z.literal('every-group') }),
]);
export type AlertScope = z.infer<typeof AlertScope>;

const LONGEST_MS = 86_400_000;

const MetricCondition = z
  .strictObject({
    kind: z.literal('metric'),
    metric: z.enum(METRICS, `expected one of ${METRICS.join(', ')}`),
    of: AlertScope,
    /** In the metric's unit: cores, bytes, a share or a number. */
    above: z.number('expected a number').min(0, 'expected 0 or more').max(Number.MAX_SAFE_INTEGER),
    /** For how long it is to be above it without a break. 0: a single sample will do. */
    forMs: z.int().min(0).max(LONGEST_MS, 'at most a day'),
  })
  .refine(({ metric, above }) => ALERT_METRICS[metric].unit !== 'share' || above < 1, {
    path: ['above'],
    message: 'this figure is a share, below 1: 0.9 is 90 %',
  });

const EventCondition = z.strictObject({
  kind: z.literal('event'),
  events: z.array(AlertEventKind).min(1, 'name at least one kind of event').max(32, 'at most 32 kinds'),
  /** A container, or a group with all that is in it. Null: whatever it is about. */
  of: z.discriminatedUnion('kind', [OneContainer, OneGroup]).nullable().default(null),
});

export const AlertCondition = z.discriminatedUnion('kind', [MetricCondition, EventCondition]);
export type AlertCondition = z.output<typeof AlertCondition>;
export type MetricCondition = z.output<typeof MetricCondition>;
export type EventCondition = z.output<typeof EventCondition>;

/** Whether its address may be sent to, the agent decides. */
export const WebhookUrl = z
  .url({ protocol: /^https?$/, error: 'expected an address such as https://example.com/hook' })
  .max(2048, 'at most 2048 characters')
  .refine((url) => !/^https?:\/\/[^/?#]*@/i.test(url), 'put no user name or password into it: deliveries are signed');

/** The key of signatures. Written, and never told to anybody again. */
export const WebhookSecret = z
  .string()
  .min(16, 'a secret has at least 16 characters')
  .max(256, 'at most 256 characters')
  .regex(/^[\x21-\x7e]*$/, 'use letters, digits and punctuation');

export const AlertRuleRef = z.string().min(1, 'name a rule').max(100, 'no rule has a name this long');

export const CreateAlertRule = z.strictObject({
  name: DisplayName,
  enabled: z.boolean().default(true),
  when: AlertCondition,
  webhook: z.strictObject({ url: WebhookUrl, secret: WebhookSecret }).nullable().default(null),
});
export type CreateAlertRule = z.output<typeof CreateAlertRule>;

/** Absent: stays as it is, a webhook's secret too. A null webhook takes it away. */
export const ChangeAlertRule = z.strictObject({
  rule: AlertRuleRef,
  name: DisplayName.optional(),
  enabled: z.boolean().optional(),
  when: AlertCondition.optional(),
  webhook: z.strictObject({ url: WebhookUrl, secret: WebhookSecret.optional() }).nullable().optional(),
});
export type ChangeAlertRule = z.output<typeof ChangeAlertRule>;

/** What came back from a receiver. */
export const WebhookAnswer = z.object({
  /** It answered with 2xx. */
  delivered: z.boolean(),
  /** Null: it did not come to an answer. */
  status: z.int().nullable(),
  /** Why it was not delivered. */
  problem: z.string().nullable(),
  /** The beginning of what it said. */
  text: z.string(),
  tookMs: z.int(),
});
export type WebhookAnswer = z.infer<typeof WebhookAnswer>;

export const AlertRuleView = z.object({
  id: z.string(),
  name: z.string(),
  enabled: z.boolean(),
  when: AlertCondition,
  createdAt: z.int(),
  /** Its secret is told to nobody. */
  webhook: z
    .object({
      url: z.string(),
      /** Deliveries that are still to be made. */
      waiting: z.int(),
      /** The last attempt since the agent's start. */
      last: z.object({ at: z.int(), delivered: z.boolean(), problem: z.string().nullable() }).nullable(),
    })
    .nullable(),
});
export type AlertRuleView = z.infer<typeof AlertRuleView>;

/** What a rule has found. One that an event caused is over as it begins. */
export const Alert = z.object({
  /** 16 hex digits. */
  id: z.string(),
  rule: z.string(),
  ruleName: z.string(),
  subject: z.object({
    kind: EventSubject,
    id: z.string().nullable(),
    name: z.string().nullable(),
    group: z.string().nullable(),
  }),
  cause: z.discriminatedUnion('kind', [
    /** `value`: the figure with which it fired. */
    z.object({ kind: z.literal('metric'), metric: z.enum(METRICS), above: z.number(), forMs: z.int(), value: z.number() }),
    /** `seq`: the event's number in the log; `words`: what happened. */
    z.object({ kind: z.literal('event'), event: z.string(), seq: z.int(), words: z.string() }),
    /** A file system that Plimsoll writes to is nearly full: Plimsoll's own, without a rule. `writers`: as DiskReport has them. */
    z.object({
      kind: z.literal('disk'),
      level: z.enum(['low', 'full']),
      usedBytes: z.int(),
      totalBytes: z.int(),
      inodeShare: z.number().nullable(),
      writers: z.array(DiskWriter),
    }),
  ]),
  /** In ms since 1970, as `until`. */
  since: z.int(),
  /** Null: it fires. */
  until: z.int().nullable(),
  /** `below`: the figure fell; `gone`: what it is of ended; `rule`: its rule was changed, switched off or removed. */
  ending: z.enum(['below', 'gone', 'rule', 'moment']).nullable(),
  /** Events of the same kind of thing within a minute of each other are one alert. */
  count: z.int(),
  /** When somebody said to have seen it. */
  acknowledgedAt: z.int().nullable(),
});
export type Alert = z.infer<typeof Alert>;

/** `alerts`: all that fire, and the newest of those that have; the newest first. */
export const AlertReport = z.object({ rules: z.array(AlertRuleView), alerts: z.array(Alert) });
export type AlertReport = z.infer<typeof AlertReport>;

/** It fires, or nobody has said to have seen it. */
export function isOpen({ until, acknowledgedAt }: Alert): boolean {
  return until === null || acknowledgedAt === null;
}
