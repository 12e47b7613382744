import { useState, type ReactNode } from 'react';
import type { Field, FieldErrors } from '../../lib/create-request.ts';

interface FoldedSectionProps {
  title: string;
  /** What is in it; with `mounts` go those of its rows. */
  fields: readonly (Field | 'mounts')[];
  errors: FieldErrors;
  children: ReactNode;
}

/** What most leave as it is; it opens where something in it is found wrong. */
export function FoldedSection({ title, fields, errors, children }: FoldedSectionProps) {
  const isWrong = Object.keys(errors).some((key) => fields.some((field) => key === field || key.startsWith(`${field}.`)));
  const [open, setOpen] = useState(false);
  const [seen, setSeen] = useState(errors);
  if (seen !== errors) {
    setSeen(errors);
    if (isWrong) setOpen(true);
  }
  return (
    <details className="card" open={open} onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
      <summary className="rounded-lg px-4 py-3 text-13 font-semibold">{title}</summary>
      <div className="grid gap-4 px-4 pb-4 md:grid-cols-2">{children}</div>
    </details>
  );
}
