'use client';

import { ALERT_METRICS, type AlertMetric } from '@plimsoll/protocol';
import { THRESHOLDS, type RuleErrors, type RuleValues } from '../../lib/alert-request.ts';
import { Field } from '../field.tsx';
import { SubjectChoice } from './subject-choice.tsx';

export interface RuleFieldsProps {
  values: RuleValues;
  edit: (part: Partial<RuleValues>) => void;
  errors: RuleErrors;
}

const METRICS: readonly { metric: AlertMetric; label: string; about: string }[] = [
  { metric: 'cpu', label: 'Cpu', about: 'Cpus in use, as the kernel counts their time.' },
  {
    metric: 'cpu-throttled',
    label: 'Cpu held back by its limit',
    about: 'Part of the time in which its cpu limit held it back.',
  },
  { metric: 'memory', label: 'Memory', about: 'The working set: what it needs, without file cache that can go.' },
  {
    metric: 'memory-share',
    label: 'Memory, of its limit',
    about: 'The working set as part of its own limit; without one it never fires.',
  },
  { metric: 'pids', label: 'Processes', about: 'Processes and threads.' },
  { metric: 'cpu-pressure', label: 'Cpu pressure', about: 'Part of the time in which some of its processes waited for a cpu.' },
  {
    metric: 'memory-pressure',
    label: 'Memory pressure',
    about: 'Part of the time in which some of its processes waited for memory.',
  },
  { metric: 'io-pressure', label: 'IO pressure', about: 'Part of the time in which some of its processes waited for a disk.' },
];

const SPANS = [
  { ms: 0, label: 'a single sample' },
  { ms: 10_000, label: '10 seconds' },
  { ms: 30_000, label: '30 seconds' },
  { ms: 60_000, label: '1 minute' },
  { ms: 300_000, label: '5 minutes' },
  { ms: 900_000, label: '15 minutes' },
  { ms: 3_600_000, label: '1 hour' },
];

/** Which figure, of whom, above what, for how long. */
export function MetricFields({ values, edit, errors }: RuleFieldsProps) {
  const { unit, example } = THRESHOLDS[ALERT_METRICS[values.metric].unit];
  const about = METRICS.find(({ metric }) => metric === values.metric)?.about;
  return (
    <div className="grid gap-4 sm:grid-cols-2">
      <Field label="Figure" name="metric" hint={about}>
        {(control) => (
          <select
            {...control}
            value={values.metric}
            onChange={({ target }) => edit({ metric: target.value as AlertMetric, above: '' })}
          >
            {METRICS.map(({ metric, label }) => (
              <option key={metric} value={metric}>
                {label}
              </option>
            ))}
          </select>
        )}
      </Field>
      <Field label="Of" name="of" hint={ofHint(values.of)}>
        {(control) => <SubjectChoice control={control} forEvents={false} value={values.of} change={(of) => edit({ of })} />}
      </Field>
      <Field label={`Above (${unit})`} name="above" error={errors.above}>
        {(control) => (
          <input
            {...control}
            value={values.above}
            onChange={({ target }) => edit({ above: target.value })}
            inputMode={unit === 'bytes' ? 'text' : 'decimal'}
            autoComplete="off"
            placeholder={example}
          />
        )}
      </Field>
      <Field label="For" name="for" hint="Without a break. A sample is taken each second.">
        {(control) => (
          <select {...control} value={values.forMs} onChange={({ target }) => edit({ forMs: Number(target.value) })}>
            {SPANS.map(({ ms, label }) => (
              <option key={ms} value={ms}>
                {label}
              </option>
            ))}
          </select>
        )}
      </Field>
    </div>
  );
}

function ofHint(of: string): string {
  if (of.startsWith('container:')) return 'By name: one that is made anew under it is watched as well.';
  return of.startsWith('group:') ? 'The figure of the group’s own cgroup.' : 'Those that come later, too.';
}
