import type { ReactNode } from 'react';
import type { Field, FieldErrors } from '../../lib/create-request.ts';

interface FoldedSectionProps {
  title: string;
  fields: readonly Field[];
  errors: FieldErrors;
  children: ReactNode;
}

/** What most leave as it is; it opens where something in it is wrong. */
export function FoldedSection({ title, fields, errors, children }: FoldedSectionProps) {
  return (
    <details className="card" open={fields.some((field) => errors[field] !== undefined) || undefined}>
      <summary className="rounded-lg px-4 py-3 text-13 font-semibold">{title}</summary>
      <div className="grid gap-4 px-4 pb-4 md:grid-cols-2">{children}</div>
    </details>
  );
}
