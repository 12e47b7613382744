'use client';

import { Toast } from '@base-ui/react/toast';
import { errorInWords, PlimsollError } from '@plimsoll/protocol';
import { X } from 'lucide-react';
import { useCallback, type ReactNode } from 'react';

const STAYS_MS = 12_000;

/** The stripe at its side. */
type NoticeTone = 'failed' | 'amber' | 'ice';

const STRIPES: Readonly<Record<NoticeTone, string>> = {
  failed: 'border-l-failed',
  amber: 'border-l-amber',
  ice: 'border-l-ice',
};

/** What belongs to no place on the page: errors with what to do next, and what the kernel tells of. */
export function Notices({ children }: { children: ReactNode }) {
  return (
    <Toast.Provider timeout={STAYS_MS} limit={4}>
      {children}
      <Toast.Portal>
        <Toast.Viewport className="pointer-events-none fixed right-4 bottom-20 z-50 flex w-[26rem] max-w-[calc(100vw-2rem)] flex-col gap-2 md:bottom-4">
          <NoticeList />
        </Toast.Viewport>
      </Toast.Portal>
    </Toast.Provider>
  );
}

function NoticeList() {
  const { toasts } = Toast.useToastManager();
  return toasts.map((toast) => (
    <Toast.Root
      key={toast.id}
      toast={toast}
      className={`pointer-events-auto rounded-lg border border-l-4 border-line bg-raised p-3 shadow-lg ${
        STRIPES[(toast.type ?? 'failed') as NoticeTone]
      }`}
    >
      <Toast.Content className="flex items-start gap-3">
        <div className="min-w-0 flex-1">
          {/* An error's sentence begins small; a container's name stays as it is. */}
          <Toast.Title
            className={`text-14 font-medium wrap-anywhere ${typeof toast.title === 'string' ? 'first-letter:uppercase' : ''}`}
          />
          <Toast.Description className="mt-0.5 text-13 text-ink-2 wrap-anywhere" />
        </div>
        <Toast.Close aria-label="Dismiss" className="rounded p-1 text-ink-3 hover:bg-hover hover:text-ink">
          <X aria-hidden size={16} />
        </Toast.Close>
      </Toast.Content>
    </Toast.Root>
  ));
}

/** Tells of an error, with `what` did not work where the error's own sentence does not say. */
export function useNotifyError(): (error: unknown, what?: string) => void {
  const { add } = Toast.useToastManager();
  return useCallback(
    (error, what) => {
      const known = knownError(error);
      const words = errorInWords(known);
      const title = what === undefined ? words : `${what}: ${words}`;
      add({ title, description: known.hint, type: 'failed', priority: 'high' });
    },
    [add],
  );
}

interface Notice {
  title: ReactNode;
  description: ReactNode;
  tone: NoticeTone;
  /** One that is there already changes to this one. */
  id?: string;
}

/** Tells of what went as it should, or of what happened by itself. */
export function useNotify(): (notice: Notice) => void {
  const { add } = Toast.useToastManager();
  return useCallback(({ tone, ...notice }) => void add({ ...notice, type: tone }), [add]);
}

/** Whatever was thrown, as an error with a sentence and a next step. */
export function knownError(error: unknown): PlimsollError {
  return error instanceof PlimsollError
    ? error
    : new PlimsollError('internal', 'Something went wrong in this page.', { cause: error });
}
