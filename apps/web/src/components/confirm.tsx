'use client';

import { AlertDialog } from '@base-ui/react/alert-dialog';
import { CSPProvider } from '@base-ui/react/csp-provider';
import { createContext, use, useCallback, useId, useRef, useState, type ReactNode } from 'react';
import { Button } from './button.tsx';

export interface Question {
  title: string;
  description: string;
  /** The button that does it. */
  label: string;
  /** Nothing is lost by it. */
  harmless?: boolean;
  /** What must be typed before it can be done. */
  typed?: string;
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
    // A second question is an answer to the first.
    answer.current(false);
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
            {question !== null && <Asked key={question.title} question={question} close={close} />}
          </AlertDialog.Popup>
        </AlertDialog.Portal>
      </AlertDialog.Root>
    </CSPProvider>
  );
}

function Asked({ question, close }: { question: Question; close: (yes: boolean) => void }) {
  const { title, description, label, harmless = false, typed } = question;
  const [text, setText] = useState('');
  const id = useId();
  const allowed = typed === undefined || text === typed;
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (allowed) close(true);
      }}
    >
      <AlertDialog.Title className="text-16 font-semibold wrap-anywhere">{title}</AlertDialog.Title>
      <AlertDialog.Description className="mt-2 text-14 text-ink-2 wrap-anywhere">{description}</AlertDialog.Description>
      {typed !== undefined && (
        <div className="mt-4">
          <label htmlFor={id} className="mb-1 block text-13">
            To confirm, type <code className="font-mono text-12 font-medium wrap-anywhere">{typed}</code>
          </label>
          <input
            id={id}
            value={text}
            onChange={(event) => setText(event.target.value)}
            autoComplete="off"
            autoCapitalize="off"
            spellCheck={false}
            className="w-full rounded-md border border-line-strong bg-surface px-2.5 py-1.5 font-mono text-13"
          />
        </div>
      )}
      <div className="mt-5 flex justify-end gap-2">
        <Button onClick={() => close(false)}>Cancel</Button>
        <Button type="submit" tone={harmless ? 'primary' : 'danger'} disabled={!allowed}>
          {label}
        </Button>
      </div>
    </form>
  );
}
