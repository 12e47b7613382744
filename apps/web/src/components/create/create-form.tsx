'use client';

import type { PlimsollError } from '@plimsoll/protocol';
import Link from 'next/link';
import { useRouter } from 'next/navigation';
import { useState, type FormEvent } from 'react';
import { createRequest, fieldOf, FIELDS, type FieldErrors, type FormValues } from '../../lib/create-request.ts';
import { missingLimits } from '../../lib/limit-fields.ts';
import { NO_LIMITS, type LimitTexts } from '../../lib/limit-texts.ts';
import { filledVolumes, volumeField, type VolumeTexts } from '../../lib/volume-texts.ts';
import { Button, buttonClass } from '../button.tsx';
import { ErrorNote } from '../error-note.tsx';
import { Field, focusInvalid } from '../field.tsx';
import { LimitSection } from '../limits/limit-section.tsx';
import { useHostReport, useLive } from '../live-provider.tsx';
import { knownError } from '../notices.tsx';
import { IsolationSection } from './isolation-section.tsx';
import { ProcessSection } from './process-section.tsx';

export function CreateForm({ images }: { images: readonly string[] }) {
  const live = useLive();
  const router = useRouter();
  const [errors, setErrors] = useState<FieldErrors>({});
  const [failure, setFailure] = useState<PlimsollError | null>(null);
  const [pending, setPending] = useState(false);
  const [limits, setLimits] = useState(NO_LIMITS);
  const [volumes, setVolumes] = useState<readonly VolumeTexts[]>([]);
  const editVolumes = (edited: readonly VolumeTexts[]) => {
    setVolumes(edited);
    if (edited.length < volumes.length) setErrors(withoutVolumes(errors));
  };
  const missing = missingLimits(useHostReport());
  const limitFields = {
    texts: limits,
    edit: (part: Partial<LimitTexts>) => setLimits({ ...limits, ...part }),
    errors,
    missing,
  };

  async function submit(event: FormEvent<HTMLFormElement>): Promise<void> {
    event.preventDefault();
    if (live === null || pending) return;
    const form = event.currentTarget;
    // Their places are those that errors name.
    const filled = filledVolumes(volumes);
    setVolumes(filled);
    const made = createRequest({ ...readForm(form), limits, volumes: filled });
    const wrong = 'errors' in made ? made.errors : {};
    setErrors(wrong);
    setFailure(null);
    if ('errors' in made) return focusInvalid(form);
    setPending(true);
    try {
      const view = await live.connection.command('container.run', made.request);
      live.containers.put(view);
      router.push(`/containers/${view.id}`);
    } catch (error) {
      const known = knownError(error);
      const about = fieldAbout(known);
      if (about !== undefined) setErrors({ [about]: known.message });
      setFailure(known);
      setPending(false);
    }
  }

  return (
    <form
      noValidate
      onSubmit={(event) => void submit(event)}
      className="mx-auto w-full max-w-3xl px-4 py-5"
      aria-label="New container"
    >
      <h1 className="text-20 font-semibold tracking-tight">New container</h1>
      <div className="mt-4 flex flex-col gap-5">
        <section className="card grid gap-4 p-4 md:grid-cols-2" aria-label="What runs">
          <Field label="Name" name="name" error={errors.name} hint="Empty: one is made up.">
            {(control) => <input {...control} autoComplete="off" spellCheck={false} placeholder="burner" />}
          </Field>
          <Field label="Group" name="group" error={errors.group} hint="Parts divided by “/”; it is made if it is new.">
            {(control) => <input {...control} autoComplete="off" spellCheck={false} placeholder="default" />}
          </Field>
          <Field label="Image" name="image" error={errors.image} className="md:col-span-2">
            {(control) => (
              <select {...control} defaultValue={images.includes('base') ? 'base' : images[0]}>
                {images.map((image) => (
                  <option key={image}>{image}</option>
                ))}
              </select>
            )}
          </Field>
          <Field
            label="Command"
            name="command"
            error={errors.command}
            className="md:col-span-2"
            hint="Words are divided at blanks; quotes keep them together. No shell reads this unless you name one. Empty: the image’s own command."
          >
            {(control) => (
              <input
                {...control}
                className={`${control.className} font-mono text-13`}
                autoComplete="off"
                autoCapitalize="off"
                spellCheck={false}
                placeholder="sh -c 'while :; do :; done'"
              />
            )}
          </Field>
        </section>
        <div className="card p-4">
          <LimitSection of="new container" about="an empty field has the value that it shows" {...limitFields} />
        </div>
        <ProcessSection errors={errors} />
        <IsolationSection errors={errors} volumes={volumes} edit={editVolumes} />
        <label className="flex items-center gap-2 text-14">
          <input type="checkbox" name="autoRemove" className="size-4 accent-accent" /> Remove it when it has ended
        </label>
        {failure !== null && <ErrorNote error={failure} />}
        <div className="flex gap-2">
          <Button tone="primary" type="submit" aria-busy={pending} disabled={pending}>
            {pending ? 'Creating …' : 'Create container'}
          </Button>
          <Link href="/containers" className={buttonClass('quiet')}>
            Cancel
          </Link>
        </div>
      </div>
    </form>
  );
}

function readForm(form: HTMLFormElement): Omit<FormValues, 'limits' | 'volumes'> {
  const data = new FormData(form);
  const text = (name: string) => {
    const value = data.get(name);
    return typeof value === 'string' ? value : '';
  };
  const values = Object.fromEntries(FIELDS.map((field) => [field, text(field)])) as Record<(typeof FIELDS)[number], string>;
  const shares = data.getAll('shares').filter((one) => typeof one === 'string');
  return { ...values, shares, readOnly: data.has('readOnly'), autoRemove: data.has('autoRemove') };
}

/** Errors name rows by their place: they are wrong once a row is taken away. */
function withoutVolumes(errors: FieldErrors): FieldErrors {
  return Object.fromEntries(Object.entries(errors).filter(([field]) => volumeField(field) === undefined));
}

function fieldAbout(error: PlimsollError): keyof FieldErrors | undefined {
  if (error.code === 'conflict') return 'name';
  if (error.code === 'command-not-found' || error.code === 'command-not-executable') return 'command';
  if (error.code === 'not-found') return 'image';
  return error.code === 'bad-request' ? fieldOf(error.field ?? error.message) : undefined;
}
