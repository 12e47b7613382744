'use client';

import type { StoreWarning } from '@plimsoll/protocol';
import { TriangleAlert, X } from 'lucide-react';
import { useState } from 'react';
import { useChanges, useLive } from './live-provider.tsx';
import { LocalTime } from './local-time.tsx';

const DISMISSED = 'plimsoll-dismissed-store-warnings';

/** State files that were damaged or missing, each until it is dismissed in this browser; `plimsoll doctor` shows them further. */
export function StoreWarnings() {
  const agent = useLive()?.agent;
  useChanges(agent?.notifier);
  const [dismissed, setDismissed] = useState(readDismissed);
  const shown = (agent?.storeWarnings() ?? []).filter((warning) => !dismissed.includes(keyOf(warning)));
  if (shown.length === 0) return null;

  function dismiss(warning: StoreWarning): void {
    const all = [...dismissed, keyOf(warning)];
    setDismissed(all);
    localStorage.setItem(DISMISSED, JSON.stringify(all));
  }

  return (
    <ul aria-label="Damaged state files" className="flex-none">
      {shown.map((warning) => (
        <li
          key={keyOf(warning)}
          className="flex items-start gap-3 border-b border-line bg-failed-tint px-4 py-1.5 text-13 text-failed"
        >
          <TriangleAlert aria-hidden size={16} className="mt-0.5 flex-none" />
          <p className="min-w-0 flex-1 wrap-anywhere">
            <span className="font-medium">
              The {warning.store} {warning.problem === 'damaged' ? 'was damaged' : 'was missing'} at <LocalTime at={warning.at} />
              :
            </span>{' '}
            {warning.message}. {warning.kept !== null && <>The damaged file is {warning.kept}. </>}
            {warning.hint}
          </p>
          <button type="button" aria-label="Dismiss" className="rounded p-1 hover:bg-hover" onClick={() => dismiss(warning)}>
            <X aria-hidden size={16} />
          </button>
        </li>
      ))}
    </ul>
  );
}

function keyOf({ path, at }: StoreWarning): string {
  return `${path} ${at}`;
}

/** What another version or a person has written there counts as nothing. */
function readDismissed(): string[] {
  if (typeof localStorage === 'undefined') return [];
  try {
    const stored: unknown = JSON.parse(localStorage.getItem(DISMISSED) ?? '[]');
    return Array.isArray(stored) ? stored.filter((key) => typeof key === 'string') : [];
  } catch {
    return [];
  }
}
