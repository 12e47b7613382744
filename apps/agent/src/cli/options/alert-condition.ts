import { ALERT_METRICS, MIN_MEMORY_BYTES, type AlertMetric, type AlertScope, type CommandInput } from '@plimsoll/protocol';
import { parseBytes, parseCpus, parseDuration, parseNumber } from './quantities.ts';
import { OptionError, UsageError } from '../verb.ts';

type Condition = CommandInput<'alert.create'>['when'];

const FOR = '60s';

export const conditionOptions = {
  metric: { type: 'string', short: 'm' },
  above: { type: 'string' },
  for: { type: 'string' },
  event: { type: 'string', short: 'e', multiple: true },
  container: { type: 'string', short: 'c' },
  group: { type: 'string', short: 'g' },
  'every-group': { type: 'boolean', default: false },
} as const;

export const conditionHelp = {
  metric: `a figure: ${Object.keys(ALERT_METRICS).join(', ')}`,
  above: 'the threshold: cores (1.5), bytes (256m), a share (80%) or a number; what is above it fires',
  for: `for how long without a break: 10s, 5m, 1h; ${FOR} unless said`,
  event: 'an event instead: incident.oom-kill, container.exited or the like, or a family of them; any number of times',
  container: 'of one container, by name or id; every container unless said',
  group: 'of a group: its own figure, or the events of all that is in it',
  'every-group': 'of each group, every one for itself',
} as const;

export const conditionFields = {
  'when.metric': ['metric'],
  'when.above': ['above'],
  'when.forMs': ['for'],
  'when.events': ['event'],
  'when.of.container': ['container'],
  'when.of.group': ['group'],
} as const;

interface Asked {
  metric?: string | undefined;
  above?: string | undefined;
  for?: string | undefined;
  event?: string[] | undefined;
  container?: string | undefined;
  group?: string | undefined;
  'every-group': boolean;
}

/** Throws UsageError. What kinds of events there are, the agent knows. */
export function parseCondition({
  metric,
  above,
  for: span,
  event = [],
  container,
  group,
  'every-group': everyGroup,
}: Asked): Condition {
  if ((metric === undefined) === (event.length === 0)) throw new UsageError('say either --metric or --event');
  if ([container, group, everyGroup || undefined].filter((given) => given !== undefined).length > 1) {
    throw new UsageError('say one of --container, --group and --every-group');
  }
  const one =
    container !== undefined
      ? ({ kind: 'container', container } as const)
      : group !== undefined
        ? ({ kind: 'group', group } as const)
        : null;
  if (metric === undefined) {
    if (above !== undefined || span !== undefined || everyGroup) {
      throw new UsageError('--above, --for and --every-group are for a --metric');
    }
    return { kind: 'event', events: event, of: one };
  }
  if (!isMetric(metric)) throw new OptionError('--metric', metric, `there are ${Object.keys(ALERT_METRICS).join(', ')}`);
  if (above === undefined) throw new UsageError('say --above what it fires');
  const of: AlertScope = one ?? { kind: everyGroup ? 'every-group' : 'every-container' };
  return { kind: 'metric', metric, of, above: threshold(metric, above), forMs: parseDuration(span ?? FOR, '--for') };
}

function threshold(metric: AlertMetric, text: string): number {
  switch (ALERT_METRICS[metric].unit) {
    case 'bytes':
      return parseBytes(text, '--above', MIN_MEMORY_BYTES);
    case 'share':
      return text.endsWith('%') ? parseNumber(text.slice(0, -1), '--above') / 100 : parseNumber(text, '--above');
    case 'cores':
      return parseCpus(text, '--above');
    case 'count':
      return parseNumber(text, '--above');
  }
}

function isMetric(text: string): text is AlertMetric {
  return Object.hasOwn(ALERT_METRICS, text);
}
