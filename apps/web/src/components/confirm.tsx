'use client';

import { AlertDialog } from '@base-ui/react/alert-dialog';
import { CSPProvider } from '@base-ui/react/csp-provider';
import { createContext, use, useCallback, useRef, useState, type ReactNode } from 'react';
import { Button } from './button.tsx';

export interface Question {
  title: string;
  description: string;
  /** The button that does it. */
  label: string;
}

type Ask = (question: Question) => Promise<boolean>;

const ConfirmContext = createContext<Ask>(() => Promise.resolve(false));

/** Asks once before what cannot be taken back: resolves to whether the person wants it. */
export function useConfirm(): Ask {
  return use(ConfirmContext);
}

export function ConfirmProvider({ nonce, children }: { nonce: string | undefined; children: ReactNode }) {
  const [question, setQuestion] = useState<Question | null>(null);
  const [open, setOpen] = useState(false);
  const answer = useRef<(yes: boolean) => void>(() => undefined);
  const ask = useCallback<Ask>((asked) => {
    setQuestion(asked);
    setOpen(true);
    return new Promise((resolve) => {
      answer.current = resolve;
    });
  }, []);
  const close = (yes: boolean) => {
    answer.current(yes);
    setOpen(false);
  };
  return (
    <CSPProvider {...(nonce !== undefined && { nonce })}>
      <ConfirmContext value={ask}>{children}</ConfirmContext>
      <AlertDialog.Root open={open} onOpenChange={(next) => !next && close(false)}>
        <AlertDialog.Portal>
          <AlertDialog.Backdrop className="fixed inset-0 z-40 bg-[#05090e]/45" />
          <AlertDialog.Popup className="fixed top-1/2 left-1/2 z-50 w-[26rem] max-w-[calc(100vw-2rem)] -translate-x-1/2 -translate-y-1/2 rounded-lg border border-line bg-raised p-5 shadow-xl">
            <AlertDialog.Title className="text-16 font-semibold">{question?.title}</AlertDialog.Title>
            <AlertDialog.Description className="mt-2 text-14 text-ink-2">{question?.description}</AlertDialog.Description>
            <div className="mt-5 flex justify-end gap-2">
              <Button onClick={() => close(false)}>Cancel</Button>
              <Button tone="danger" onClick={() => close(true)}>
                {question?.label}
              </Button>
            </div>
          </AlertDialog.Popup>
        </AlertDialog.Portal>
      </AlertDialog.Root>
    </CSPProvider>
  );
}
