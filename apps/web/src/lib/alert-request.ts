import { ALERT_METRICS, CreateAlertRule, MIN_MEMORY_BYTES, type AlertMetric, type CommandInput } from '@plimsoll/protocol';
import { CPUS_WANTED, parseCpus, readSize, type Wrong } from '@plimsoll/protocol/quantities';
import { sentence } from './format.ts';

/** The form of a new rule as it was filled in. */
export interface RuleValues {
  name: string;
  kind: 'metric' | 'event';
  metric: AlertMetric;
  /** `every-container`, `every-group`, `in:GROUP`, `group:GROUP`, `container:NAME`; empty: anything, for events alone. */
  of: string;
  /** In the unit that the form shows: cores, `256m`, per cent, or a number. */
  above: string;
  forMs: number;
  events: readonly string[];
  /** Empty: no webhook. */
  url: string;
  secret: string;
}

export const NEW_RULE: RuleValues = {
  name: '',
  kind: 'metric',
  metric: 'cpu',
  of: 'every-container',
  above: '',
  forMs: 60_000,
  events: ['incident.oom-kill'],
  url: '',
  secret: '',
};

type RuleField = 'name' | 'above' | 'events' | 'url' | 'secret';
export type RuleErrors = Partial<Record<RuleField, string>>;
type Condition = CommandInput<'alert.create'>['when'];

/** The request that the form asks for, or what is wrong with which fields. */
export function ruleRequest(values: RuleValues): { request: CommandInput<'alert.create'> } | { errors: RuleErrors } {
  const { name, url, secret } = values;
  const when = readCondition(values);
  const errors: RuleErrors = 'wrong' in when ? { above: sentence(when.wrong) } : {};
  const webhook = url.trim() === '' ? null : { url: url.trim(), secret };
  const request = { name: name.trim(), when: 'wrong' in when ? ANY : when, webhook };
  for (const { path, message } of CreateAlertRule.safeParse(request).error?.issues ?? []) {
    const field = path.findLast((part): part is RuleField => FIELDS.has(part as RuleField)) ?? 'name';
    errors[field] ??= sentence(message);
  }
  return Object.keys(errors).length > 0 ? { errors } : { request };
}

/** Null: its threshold cannot be read. */
export function conditionOf(values: RuleValues): Condition | null {
  const when = readCondition(values);
  return 'wrong' in when ? null : when;
}

function readCondition({ kind, metric, of, above, forMs, events }: RuleValues): Condition | Wrong {
  if (kind === 'event') return { kind, events: [...events], of: eventScope(of) };
  const value = THRESHOLDS[ALERT_METRICS[metric].unit].read(above.trim());
  return typeof value === 'number' ? { kind, metric, of: metricScope(of), above: value, forMs } : value;
}

/** How a threshold is written, by the unit of its figure. */
export const THRESHOLDS = {
  cores: { unit: 'cores', example: '0.5', read: (text: string) => parseCpus(text) ?? { wrong: CPUS_WANTED } },
  bytes: {
    unit: 'bytes',
    example: '256m',
    read: (text: string) => readSize(text, MIN_MEMORY_BYTES),
  },
  share: {
    unit: '%',
    example: '90',
    read: (text: string) => {
      const percent = plainNumber(text.replace(/\s*%$/, ''));
      return percent === null || percent >= 100 ? { wrong: 'give a number of per cent below 100, such as 90' } : percent / 100;
    },
  },
  count: {
    unit: 'processes and threads',
    example: '100',
    read: (text: string) => plainNumber(text) ?? { wrong: 'give a number, such as 100' },
  },
} as const satisfies Record<string, { unit: string; example: string; read: (text: string) => number | Wrong }>;

const FIELDS: ReadonlySet<RuleField> = new Set(['name', 'above', 'events', 'url', 'secret']);
/** In the place of a condition that is wrong in itself. */
const ANY: Condition = { kind: 'event', events: ['container'] };

function plainNumber(text: string): number | null {
  return /^\d+(?:\.\d+)?$/.test(text) ? Number(text) : null;
}

function metricScope(of: string): Extract<Condition, { kind: 'metric' }>['of'] {
  const [kind, name] = split(of);
  if (kind === 'container') return { kind, container: name };
  if (kind === 'group') return { kind, group: name };
  if (kind === 'in') return { kind: 'every-container', group: name };
  return { kind: kind === 'every-group' ? kind : 'every-container' };
}

function eventScope(of: string): NonNullable<Extract<Condition, { kind: 'event' }>['of']> | null {
  const [kind, name] = split(of);
  if (kind === 'container') return { kind, container: name };
  return kind === 'group' || kind === 'in' ? { kind: 'group', group: name } : null;
}

function split(of: string): [kind: string, name: string] {
  const [kind = '', ...rest] = of.split(':');
  return [kind, rest.join(':')];
}
