'use client';

import type { PlimsollError } from '@plimsoll/protocol';
import { useState, type FormEvent } from 'react';
import { groupFieldAbout, groupRequest, type GroupErrors } from '../../lib/group-request.ts';
import { missingLimits } from '../../lib/limit-fields.ts';
import { NO_LIMITS, type LimitTexts } from '../../lib/limit-texts.ts';
import { Button } from '../button.tsx';
import { Dialog } from '../dialog.tsx';
import { ErrorNote } from '../error-note.tsx';
import { Field, focusInvalid } from '../field.tsx';
import { LimitSection } from '../limits/limit-section.tsx';
import { useHostReport, useLive } from '../live-provider.tsx';
import { knownError } from '../notices.tsx';

export function CreateGroup({ open, close }: { open: boolean; close: () => void }) {
  return (
    <Dialog title="New group" open={open} close={close}>
      <CreateGroupForm close={close} />
    </Dialog>
  );
}

function CreateGroupForm({ close }: { close: () => void }) {
  const live = useLive();
  const missing = missingLimits(useHostReport());
  const [names, setNames] = useState({ group: '', displayName: '' });
  const [limits, setLimits] = useState(NO_LIMITS);
  const [errors, setErrors] = useState<GroupErrors>({});
  const [failure, setFailure] = useState<PlimsollError | null>(null);
  const [pending, setPending] = useState(false);

  async function submit(event: FormEvent<HTMLFormElement>): Promise<void> {
    event.preventDefault();
    if (live === null || pending) return;
    const form = event.currentTarget;
    const made = groupRequest({ ...names, limits });
    setFailure(null);
    setErrors('errors' in made ? made.errors : {});
    if ('errors' in made) return focusInvalid(form);
    setPending(true);
    try {
      live.groups.put(await live.connection.command('group.create', made.request));
      close();
    } catch (error) {
      const known = knownError(error);
      const about = groupFieldAbout(known);
      if (about !== undefined) setErrors({ [about]: `${known.message}. ${known.hint}` });
      else setFailure(known);
      focusInvalid(form);
      setPending(false);
    }
  }

  const fields = { texts: limits, edit: (part: Partial<LimitTexts>) => setLimits({ ...limits, ...part }), errors, missing };
  return (
    <form noValidate aria-label="New group" onSubmit={(event) => void submit(event)} className="flex flex-col gap-4">
      <div className="grid gap-4 sm:grid-cols-2">
        <Field
          label="Path"
          name="group"
          error={errors.group}
          hint="Parts divided by “/”: acme/web is inside acme. It never changes."
        >
          {(control) => (
            <input
              {...control}
              value={names.group}
              onChange={({ target }) => setNames({ ...names, group: target.value })}
              autoComplete="off"
              autoCapitalize="off"
              spellCheck={false}
              placeholder="acme/web"
            />
          )}
        </Field>
        <Field label="Display name" name="displayName" error={errors.displayName} hint="What people call it; may be changed.">
          {(control) => (
            <input
              {...control}
              value={names.displayName}
              onChange={({ target }) => setNames({ ...names, displayName: target.value })}
              autoComplete="off"
              placeholder="Acme’s web site"
            />
          )}
        </Field>
      </div>
      <LimitSection of="group" about="for all that is in it together; empty is unlimited" {...fields} />
      {failure !== null && <ErrorNote error={failure} />}
      <div className="flex justify-end gap-2">
        <Button onClick={close}>Cancel</Button>
        <Button tone="primary" type="submit" aria-busy={pending} disabled={pending}>
          {pending ? 'Creating …' : 'Create group'}
        </Button>
      </div>
    </form>
  );
}
