'use client';

import { PlimsollError, type BirthStep } from '@plimsoll/protocol';
import { nanoseconds } from '@plimsoll/protocol/quantities';
import { useEffect, useState } from 'react';
import { plural } from '../../lib/format.ts';
import { ErrorNote } from '../error-note.tsx';
import { useLive } from '../live-provider.tsx';
import { Quantity } from '../quantity.tsx';

/** Each syscall of the last start, in order, with its time. */
export function Birth({ id }: { id: string }) {
  const { steps, error } = useBirth(id);
  if (error !== null) {
    return (
      <div className="p-4">
        <ErrorNote error={error} />
      </div>
    );
  }
  if (steps === null) return <p className="p-4 text-13 text-ink-3">Loading …</p>;
  if (steps.length === 0) return <p className="p-4 text-13 text-ink-2">It was never started, so there is nothing to tell yet.</p>;
  const longest = Math.max(1, ...steps.map(({ durationNs }) => durationNs ?? 0));
  const total = Math.max(0, ...steps.map(({ atNs }) => atNs ?? 0));
  return (
    <div className="max-h-[32rem] overflow-auto">
      <p className="px-4 py-3 text-13 text-ink-2">
        {plural(steps.length, 'syscall')}
        {total > 0 && (
          <>
            {' '}
            in <Quantity value={nanoseconds(total)} />
          </>
        )}
        , in this order. No helper program ran: each line is one request to the kernel.
      </p>
      <table className="w-full text-left text-13">
        <thead className="sticky top-0 bg-surface text-12 text-ink-2">
          <tr className="[&>th]:border-b [&>th]:border-line [&>th]:px-2 [&>th]:py-1.5 [&>th]:font-normal">
            <th className="text-right">#</th>
            <th className="text-right">Took</th>
            <th aria-hidden className="w-24 max-md:hidden" />
            <th>Syscall</th>
            <th className="max-md:hidden">Result</th>
            <th className="pr-4! max-lg:hidden">For</th>
          </tr>
        </thead>
        <tbody>
          {steps.map((step, i) => (
            // Steps have no name of their own: their place is what they are.
            // oxlint-disable-next-line react/no-array-index-key
            <Step key={i} number={i + 1} step={step} share={(step.durationNs ?? 0) / longest} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Step({
  number,
  step: { syscall, purpose, durationNs, result },
  share,
}: {
  number: number;
  step: BirthStep;
  share: number;
}) {
  return (
    <tr className="align-baseline hover:bg-hover [&>td]:border-b [&>td]:border-line [&>td]:px-2 [&>td]:py-1">
      <td className="tabular text-right text-ink-3">{number}</td>
      <td className="w-20 text-right whitespace-nowrap">
        {durationNs === null ? <span className="text-ink-3">–</span> : <Quantity value={nanoseconds(durationNs)} />}
      </td>
      <td aria-hidden className="max-md:hidden">
        <div className="h-1.5 rounded-xs bg-water" style={{ width: `${Math.max(1, share * 100).toFixed(1)}%` }} />
      </td>
      <td className="font-mono text-12 wrap-anywhere">
        {syscall}
        <div className="font-sans text-ink-3 lg:hidden">{purpose}</div>
      </td>
      <td className="font-mono text-12 whitespace-nowrap text-ink-2 max-md:hidden">{result ?? '–'}</td>
      <td className="pr-4! text-ink-2 max-lg:hidden">{purpose}</td>
    </tr>
  );
}

function useBirth(id: string): { steps: BirthStep[] | null; error: PlimsollError | null } {
  const connection = useLive()?.connection;
  const [steps, setSteps] = useState<BirthStep[] | null>(null);
  const [error, setError] = useState<PlimsollError | null>(null);
  useEffect(
    () =>
      connection?.onConnect(() => {
        connection.command('container.birth', { container: id }).then(
          (result) => {
            setSteps(result);
            setError(null);
          },
          (cause: unknown) => cause instanceof PlimsollError && setError(cause),
        );
      }),
    [connection, id],
  );
  return { steps, error };
}
