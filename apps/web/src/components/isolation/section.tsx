import type { ReactNode } from 'react';

/** A part of the isolation of a container, under a heading of its own. */
export function Section({ title, note, children }: { title: string; note?: ReactNode; children: ReactNode }) {
  return (
    <section className="min-w-0" aria-label={title}>
      <div className="mb-2 flex flex-wrap items-baseline gap-x-3">
        <h2 className="text-13 font-semibold">{title}</h2>
        {note !== undefined && <span className="text-12 text-ink-3">{note}</span>}
      </div>
      {children}
    </section>
  );
}

/** What few want to see, under a line that opens it. */
export function Folded({ summary, children }: { summary: string; children: ReactNode }) {
  return (
    <details className="min-w-0 text-13">
      <summary className="rounded text-ink-2 hover:text-ink">{summary}</summary>
      {children}
    </details>
  );
}
