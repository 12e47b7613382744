'use client';

import { PlimsollError } from '@plimsoll/protocol';
import Link from 'next/link';
import { useRouter } from 'next/navigation';
import { useState, type FormEvent } from 'react';
import { createRequest, fieldOf, FIELDS, type FieldErrors, type FormValues } from '../../lib/create-request.ts';
import { Button, buttonClass } from '../button.tsx';
import { ErrorNote } from '../error-note.tsx';
import { useLive } from '../live-provider.tsx';
import { Field } from './field.tsx';

export function CreateForm({ images }: { images: readonly string[] }) {
  const live = useLive();
  const router = useRouter();
  const [errors, setErrors] = useState<FieldErrors>({});
  const [failure, setFailure] = useState<PlimsollError | null>(null);
  const [pending, setPending] = useState(false);

  async function submit(event: FormEvent<HTMLFormElement>): Promise<void> {
    event.preventDefault();
    if (live === null || pending) return;
    const form = event.currentTarget;
    const made = createRequest(readForm(form));
    const wrong = 'errors' in made ? made.errors : {};
    setErrors(wrong);
    setFailure(null);
    if ('errors' in made) return focusFirst(form, wrong);
    setPending(true);
    try {
      const view = await live.connection.command('container.run', made.request);
      live.containers.put(view);
      router.push(`/containers/${view.id}`);
    } catch (error) {
      const known =
        error instanceof PlimsollError
          ? error
          : new PlimsollError('internal', 'Something went wrong in this page.', { cause: error });
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
        <section className="card grid gap-4 p-4 md:grid-cols-4" aria-label="Limits">
          <h2 className="text-13 font-semibold md:col-span-4">
            Limits <span className="font-normal text-ink-3">— empty is unlimited</span>
          </h2>
          <Field label="CPU limit" name="cpus" error={errors.cpus} hint="Cpus, such as 0.5">
            {(control) => <input {...control} inputMode="decimal" autoComplete="off" placeholder="0.5" />}
          </Field>
          <Field label="Memory limit" name="memory" error={errors.memory} hint="Such as 256m or 1.5g">
            {(control) => <input {...control} autoComplete="off" placeholder="256m" />}
          </Field>
          <Field label="Process limit" name="pids" error={errors.pids} hint="Threads count too">
            {(control) => <input {...control} inputMode="numeric" autoComplete="off" placeholder="64" />}
          </Field>
          <Field label="CPU weight" name="weight" error={errors.weight} hint="1 to 10000, 100 if empty">
            {(control) => <input {...control} inputMode="numeric" autoComplete="off" placeholder="100" />}
          </Field>
        </section>
        <details className="card group" open={MORE.some((field) => errors[field] !== undefined) || undefined}>
          <summary className="rounded-lg px-4 py-3 text-13 font-semibold">Environment, directory, host name</summary>
          <div className="grid gap-4 px-4 pb-4 md:grid-cols-2">
            <Field label="Environment" name="env" error={errors.env} hint="NAME=value, one a line" className="md:col-span-2">
              {(control) => (
                <textarea {...control} rows={3} spellCheck={false} className={`${control.className} font-mono text-13`} />
              )}
            </Field>
            <Field label="Working directory" name="workdir" error={errors.workdir}>
              {(control) => <input {...control} autoComplete="off" spellCheck={false} placeholder="/" />}
            </Field>
            <Field label="Host name" name="hostname" error={errors.hostname}>
              {(control) => <input {...control} autoComplete="off" spellCheck={false} />}
            </Field>
          </div>
        </details>
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

const MORE = ['env', 'workdir', 'hostname'] as const;

function readForm(form: HTMLFormElement): FormValues {
  const data = new FormData(form);
  const text = (name: string) => {
    const value = data.get(name);
    return typeof value === 'string' ? value : '';
  };
  const values = Object.fromEntries(FIELDS.map((field) => [field, text(field)])) as Record<(typeof FIELDS)[number], string>;
  return { ...values, autoRemove: data.has('autoRemove') };
}

function fieldAbout(error: PlimsollError): keyof FieldErrors | undefined {
  if (error.code === 'conflict') return 'name';
  if (error.code === 'command-not-found' || error.code === 'command-not-executable') return 'command';
  if (error.code === 'not-found') return 'image';
  return error.code === 'bad-request' ? fieldOf(error.message) : undefined;
}

function focusFirst(form: HTMLFormElement, errors: FieldErrors): void {
  const first = FIELDS.find((field) => errors[field] !== undefined);
  const control = first === undefined ? null : form.elements.namedItem(first);
  // A field inside a closed <details> cannot take the focus: it opens with the errors, at the next frame.
  requestAnimationFrame(() => control instanceof HTMLElement && control.focus());
}
