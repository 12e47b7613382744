'use client';

import { CreateVolume as Request, type PlimsollError } from '@plimsoll/protocol';
import { useState, type FormEvent } from 'react';
import { sentence } from '../../lib/format.ts';
import { Button } from '../button.tsx';
import { Dialog } from '../dialog.tsx';
import { ErrorNote } from '../error-note.tsx';
import { Field, focusInvalid } from '../field.tsx';
import { useLive } from '../live-provider.tsx';
import { knownError } from '../notices.tsx';

interface CreateVolumeProps {
  open: boolean;
  close: () => void;
  created: () => void;
}

export function CreateVolume({ open, close, created }: CreateVolumeProps) {
  return (
    <Dialog title="New volume" open={open} close={close}>
      <CreateVolumeForm close={close} created={created} />
    </Dialog>
  );
}

function CreateVolumeForm({ close, created }: Omit<CreateVolumeProps, 'open'>) {
  const live = useLive();
  const [name, setName] = useState('');
  const [wrong, setWrong] = useState<string>();
  const [failure, setFailure] = useState<PlimsollError | null>(null);
  const [pending, setPending] = useState(false);

  async function submit(event: FormEvent<HTMLFormElement>): Promise<void> {
    event.preventDefault();
    if (live === null || pending) return;
    const form = event.currentTarget;
    const parsed = Request.safeParse({ name: name.trim() });
    const [issue] = parsed.error?.issues ?? [];
    setFailure(null);
    setWrong(issue === undefined ? undefined : sentence(issue.message));
    if (!parsed.success) return focusInvalid(form);
    setPending(true);
    try {
      await live.connection.command('volume.create', parsed.data);
      created();
      close();
    } catch (error) {
      const known = knownError(error);
      if (known.code === 'conflict') setWrong(`${known.message}. ${known.hint}`);
      else setFailure(known);
      focusInvalid(form);
      setPending(false);
    }
  }

  return (
    <form noValidate aria-label="New volume" onSubmit={(event) => void submit(event)} className="flex flex-col gap-4">
      <Field label="Name" name="name" error={wrong} hint="It never changes.">
        {(control) => (
          <input
            {...control}
            value={name}
            onChange={({ target }) => setName(target.value)}
            autoComplete="off"
            autoCapitalize="off"
            spellCheck={false}
            placeholder="data"
          />
        )}
      </Field>
      {failure !== null && <ErrorNote error={failure} />}
      <div className="flex justify-end gap-2">
        <Button onClick={close}>Cancel</Button>
        <Button tone="primary" type="submit" aria-busy={pending} disabled={pending}>
          {pending ? 'Creating …' : 'Create volume'}
        </Button>
      </div>
    </form>
  );
}
