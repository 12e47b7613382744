'use client';

import { KIND_CHOICES } from '../../lib/event-texts.ts';
import { Field } from '../field.tsx';
import type { RuleFieldsProps } from './metric-fields.tsx';
import { SubjectChoice } from './subject-choice.tsx';

/** An alert cannot be about alerts. */
const CHOICES = KIND_CHOICES.filter(({ label }) => label !== 'Alerts');

/** Which kinds of events, about what. */
export function EventFields({ values, edit, errors }: RuleFieldsProps) {
  const toggle = (kind: string): void => {
    const isChosen = values.events.includes(kind);
    edit({ events: isChosen ? values.events.filter((other) => other !== kind) : [...values.events, kind] });
  };
  return (
    <>
      <fieldset className="min-w-0">
        <legend className="mb-1 text-13 font-medium">Any of these events</legend>
        <div
          aria-invalid={errors.events !== undefined}
          tabIndex={-1}
          className="flex max-h-64 flex-col gap-2 overflow-y-auto rounded-md border border-line-strong bg-surface p-2.5 aria-invalid:border-failed"
        >
          {CHOICES.map(({ label, kinds }) => (
            <div key={label} role="group" aria-label={label} className="grid gap-1.5 sm:grid-cols-[8.5rem_1fr]">
              <span aria-hidden className="py-0.5 text-12 text-ink-3">
                {label}
              </span>
              <span className="flex flex-wrap gap-1.5">
                {kinds.map(({ kind, label: what }) => (
                  <button
                    key={kind}
                    type="button"
                    aria-pressed={values.events.includes(kind)}
                    onClick={() => toggle(kind)}
                    className="rounded-full border border-line-strong px-2.5 py-0.5 text-12 text-ink-2 hover:bg-hover aria-pressed:border-accent aria-pressed:bg-accent-soft aria-pressed:font-medium aria-pressed:text-accent"
                  >
                    {what}
                  </button>
                ))}
              </span>
            </div>
          ))}
        </div>
        {errors.events !== undefined && <p className="mt-1 text-12 text-failed">{errors.events}</p>}
      </fieldset>
      <Field label="About" name="of" hint="What follows within a minute about the same thing is one alert.">
        {(control) => <SubjectChoice control={control} forEvents value={values.of} change={(of) => edit({ of })} />}
      </Field>
    </>
  );
}
