'use client';

import type { Verb } from '@plimsoll/protocol';
import { useConfirm } from './confirm.tsx';
import { useLive } from './live-provider.tsx';
import { useNotifyError } from './notices.tsx';

interface Removal {
  verb: Extract<Verb, 'image.remove' | 'volume.remove'>;
  /** What is removed, as a word. */
  what: string;
  description: string;
  removed: () => void;
}

/** Removes by name what is asked for once more. */
export function useRemoval({ verb, what, description, removed }: Removal): (name: string) => Promise<void> {
  const live = useLive();
  const confirm = useConfirm();
  const notifyError = useNotifyError();
  return async (name) => {
    if (live === null || !(await confirm({ title: `Remove ${what} ${name}?`, description, label: 'Remove' }))) return;
    try {
      await live.connection.command(verb, { name });
    } catch (error) {
      notifyError(error, `Could not remove ${what} ${name}`);
    }
    removed();
  };
}
