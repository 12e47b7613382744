'use client';

import { DisplayName, type GroupView } from '@plimsoll/protocol';
import { useState, type FormEvent } from 'react';
import { sentence } from '../../lib/format.ts';
import { Button } from '../button.tsx';
import { Field } from '../field.tsx';
import { useLive } from '../live-provider.tsx';
import { knownError } from '../notices.tsx';

/** What people call it; its path stays. */
export function GroupName({ group: { path, displayName } }: { group: GroupView }) {
  const live = useLive();
  const [edited, setEdited] = useState<string | null>(null);
  const [error, setError] = useState<string>();
  const [pending, setPending] = useState(false);
  const isEdited = edited !== null && edited.trim() !== (displayName ?? '');

  async function submit(event: FormEvent): Promise<void> {
    event.preventDefault();
    if (live === null || !isEdited || pending) return;
    const text = edited.trim();
    const name = DisplayName.safeParse(text);
    const wrong = text === '' ? undefined : name.error?.issues[0]?.message;
    setError(wrong === undefined ? undefined : sentence(wrong));
    if (wrong !== undefined) return;
    setPending(true);
    try {
      const wanted = { group: path, displayName: text === '' ? null : text };
      live.groups.put((await live.connection.command('group.set', wanted)).group);
      setEdited(null);
    } catch (cause) {
      const { message, hint } = knownError(cause);
      setError(`${message}. ${hint}`);
    } finally {
      setPending(false);
    }
  }

  return (
    <form
      noValidate
      aria-label="Name"
      onSubmit={(event) => void submit(event)}
      className="flex flex-wrap items-start gap-3 border-b border-line p-4"
    >
      <Field label="Display name" name="displayName" error={error} className="w-full max-w-sm">
        {(control) => (
          <input
            {...control}
            value={edited ?? displayName ?? ''}
            onChange={({ target }) => setEdited(target.value)}
            autoComplete="off"
            placeholder={path}
          />
        )}
      </Field>
      <Button type="submit" className="sm:mt-6" aria-busy={pending} disabled={!isEdited || pending}>
        Rename
      </Button>
    </form>
  );
}
