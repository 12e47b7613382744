'use client';

import { LIMIT_FIELDS } from '../../lib/limit-fields.ts';
import { LimitFields, type LimitFieldsProps } from './limit-fields.tsx';

/** The limits of something new: the first few, and the rest on demand. */
export function LimitSection({ about, ...fields }: LimitFieldsProps & { about: string }) {
  const { errors } = fields;
  const hasMore = errors.io !== undefined || LIMIT_FIELDS.slice(4).some(({ name }) => errors[name] !== undefined);
  return (
    <section aria-label="Limits">
      <h2 className="mb-3 text-13 font-semibold">
        Limits <span className="font-normal text-ink-3">— {about}</span>
      </h2>
      <div className="grid gap-4 sm:grid-cols-2 md:grid-cols-4">
        <LimitFields which="first" {...fields} />
      </div>
      <details className="mt-4" open={hasMore || undefined}>
        <summary className="rounded text-13 text-ink-2">Soft memory limit, swap, storage, disks, chosen cpus</summary>
        <div className="mt-3 grid gap-4 sm:grid-cols-2 md:grid-cols-3">
          <LimitFields which="more" {...fields} />
        </div>
      </details>
    </section>
  );
}
