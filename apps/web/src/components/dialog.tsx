'use client';

import { Dialog as BaseDialog } from '@base-ui/react/dialog';
import { X } from 'lucide-react';
import type { ReactNode } from 'react';

interface DialogProps {
  title: string;
  open: boolean;
  close: () => void;
  children: ReactNode;
}

/** A form above the page. */
export function Dialog({ title, open, close, children }: DialogProps) {
  return (
    <BaseDialog.Root open={open} onOpenChange={(next) => !next && close()}>
      <BaseDialog.Portal>
        <BaseDialog.Backdrop className="fixed inset-0 z-40 bg-[#05090e]/45" />
        <BaseDialog.Popup className="fixed top-1/2 left-1/2 z-40 max-h-[calc(100dvh-2rem)] w-[46rem] max-w-[calc(100vw-1rem)] -translate-x-1/2 -translate-y-1/2 overflow-y-auto rounded-lg border border-line bg-raised p-5 shadow-xl">
          <div className="mb-4 flex items-start justify-between gap-4">
            <BaseDialog.Title className="text-16 font-semibold">{title}</BaseDialog.Title>
            <BaseDialog.Close aria-label="Close" className="-m-1 rounded p-1 text-ink-3 hover:bg-hover hover:text-ink">
              <X aria-hidden size={18} />
            </BaseDialog.Close>
          </div>
          {children}
        </BaseDialog.Popup>
      </BaseDialog.Portal>
    </BaseDialog.Root>
  );
}
