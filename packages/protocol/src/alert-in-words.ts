import { ALERT_METRICS, type Alert, type AlertCondition, type AlertMetric, type AlertScope } from './alert.ts';
import { diskUseInWords } from './disk.ts';
import { cores, sizeInWords, spanInWords, trimmed } from './quantities/index.ts';

/** `1.98 cores`, `256 MiB`, `92 %`, `64`. */
export function figureInWords(metric: AlertMetric, value: number): string {
  switch (ALERT_METRICS[metric].unit) {
    case 'cores':
      return `${trimmed(cores(value)).figure} ${value === 1 ? 'core' : 'cores'}`;
    case 'bytes':
      return sizeInWords(value);
    case 'share':
      return `${rounded(value * 100)} %`;
    case 'count':
      return rounded(value);
  }
}

/** Why an alert fired: `cpu 1.98 cores, above 0.5 cores for 10 s`; `out of memory: 1 process killed`. */
export function alertInWords({ cause, count }: Alert): string {
  if (cause.kind === 'event') return count === 1 ? cause.words : `${cause.words} (${count} times)`;
  if (cause.kind === 'disk') return `disk ${cause.level === 'full' ? 'full' : 'nearly full'}: ${diskUseInWords(cause)}`;
  const { metric, above, forMs, value } = cause;
  return `${ALERT_METRICS[metric].label} ${figureInWords(metric, value)}, ${thresholdInWords(metric, above, forMs)}`;
}

/** What a rule waits for: `cpu of every container above 0.5 cores for 10 s`. `kindInWords`: of a kind of event. */
export function conditionInWords(when: AlertCondition, kindInWords: (kind: string) => string = (kind) => kind): string {
  if (when.kind === 'event') {
    const of = when.of === null ? '' : ` of ${scopeInWords(when.of)}`;
    return `${when.events.map(kindInWords).join(', ')}${of}`;
  }
  const { metric, of, above, forMs } = when;
  return `${ALERT_METRICS[metric].label} of ${scopeInWords(of)} ${thresholdInWords(metric, above, forMs)}`;
}

function thresholdInWords(metric: AlertMetric, above: number, forMs: number): string {
  return `above ${figureInWords(metric, above)}${forMs === 0 ? '' : ` for ${spanInWords(forMs)}`}`;
}

function scopeInWords(scope: AlertScope): string {
  switch (scope.kind) {
    case 'container':
      return scope.container;
    case 'group':
      return `group ${scope.group}`;
    case 'every-container':
      return scope.group === undefined ? 'every container' : `every container in ${scope.group}`;
    case 'every-group':
      return 'every group';
  }
}

/** Two decimals at most. */
function rounded(value: number): string {
  return String(Math.round(value * 100) / 100);
}
