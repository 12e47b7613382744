'use client';

import { conditionInWords, type AlertCondition, type PlimsollError } from '@plimsoll/protocol';
import { useState, type FormEvent } from 'react';
import { conditionOf, NEW_RULE, ruleRequest, type RuleErrors, type RuleValues } from '../../lib/alert-request.ts';
import { kindInWords } from '../../lib/event-texts.ts';
import { Button } from '../button.tsx';
import { Dialog } from '../dialog.tsx';
import { ErrorNote } from '../error-note.tsx';
import { Field, focusInvalid } from '../field.tsx';
import { useLive } from '../live-provider.tsx';
import { knownError } from '../notices.tsx';
import { Segments } from '../segments.tsx';
import { EventFields } from './event-fields.tsx';
import { MetricFields } from './metric-fields.tsx';
import { WebhookFields } from './webhook-fields.tsx';

interface CreateRuleProps {
  open: boolean;
  close: () => void;
  created: () => void;
}

const KINDS = [
  { value: 'metric', label: 'A figure is too high' },
  { value: 'event', label: 'Something happens' },
] as const;

export function CreateRule({ open, close, created }: CreateRuleProps) {
  return (
    <Dialog title="New alert rule" open={open} close={close}>
      <CreateRuleForm close={close} created={created} />
    </Dialog>
  );
}

function CreateRuleForm({ close, created }: Omit<CreateRuleProps, 'open'>) {
  const live = useLive();
  const [values, setValues] = useState(NEW_RULE);
  const [errors, setErrors] = useState<RuleErrors>({});
  const [failure, setFailure] = useState<PlimsollError | null>(null);
  const [pending, setPending] = useState(false);

  async function submit(event: FormEvent<HTMLFormElement>): Promise<void> {
    event.preventDefault();
    if (live === null || pending) return;
    const form = event.currentTarget;
    const made = ruleRequest(values);
    setFailure(null);
    setErrors('errors' in made ? made.errors : {});
    if ('errors' in made) return focusInvalid(form);
    setPending(true);
    try {
      await live.connection.command('alert.create', made.request);
      created();
      close();
    } catch (error) {
      const known = knownError(error);
      if (known.code === 'conflict') setErrors({ name: `${known.message}. ${known.hint}` });
      else if (known.code === 'forbidden') setErrors({ url: `${known.message}. ${known.hint}` });
      else setFailure(known);
      focusInvalid(form);
      setPending(false);
    }
  }

  const edit = (part: Partial<RuleValues>) => setValues((before) => ({ ...before, ...part }));
  const fields = { values, edit, errors };
  return (
    <form noValidate aria-label="New alert rule" onSubmit={(event) => void submit(event)} className="flex flex-col gap-4">
      <Field label="Name" name="name" error={errors.name} hint="It heads every notification.">
        {(control) => (
          <input
            {...control}
            value={values.name}
            onChange={({ target }) => edit({ name: target.value })}
            autoComplete="off"
            placeholder="Nearly out of memory"
          />
        )}
      </Field>
      <div className="flex flex-wrap">
        <Segments
          label="What it waits for"
          options={KINDS}
          value={values.kind}
          change={(kind) => edit({ kind, of: kind === 'event' ? '' : 'every-container' })}
        />
      </div>
      {values.kind === 'metric' ? <MetricFields {...fields} /> : <EventFields {...fields} />}
      <WebhookFields {...fields} />
      {failure !== null && <ErrorNote error={failure} />}
      <div className="flex flex-wrap items-center justify-end gap-2">
        <Summary values={values} />
        <Button onClick={close}>Cancel</Button>
        <Button tone="primary" type="submit" aria-busy={pending} disabled={pending}>
          {pending ? 'Creating …' : 'Create rule'}
        </Button>
      </div>
    </form>
  );
}

/** The rule in words, as the list will have it. */
function Summary({ values }: { values: RuleValues }) {
  const when = conditionOf(values);
  const isWhole = when !== null && (when.kind === 'metric' || when.events.length > 0);
  return (
    <p aria-live="polite" className="mr-auto min-w-0 text-13 text-ink-2 max-sm:w-full">
      {isWhole && <>Fires for {conditionInWords(when as AlertCondition, kindInWords)}.</>}
    </p>
  );
}
