'use client';

import type { KernelAnswer, LimitName, Limits, LimitsChange, PlimsollError } from '@plimsoll/protocol';
import { useState, type FormEvent } from 'react';
import { limitAbout, limitOfFile, missingLimits } from '../../lib/limit-fields.ts';
import { limitsChange, limitTexts, readLimits, type LimitErrors, type LimitTexts } from '../../lib/limit-texts.ts';
import { lastPart } from '../../lib/tree.ts';
import { Button } from '../button.tsx';
import { ErrorNote } from '../error-note.tsx';
import { focusInvalid } from '../field.tsx';
import { useHostReport } from '../live-provider.tsx';
import { knownError } from '../notices.tsx';
import { LimitFields } from './limit-fields.tsx';

interface LimitsFormProps {
  of: 'container' | 'group';
  limits: Limits;
  /** Its path below each hierarchy's mount point. */
  cgroup: string;
  /** Gives the command; resolves to what the kernel reads now. */
  change: (change: LimitsChange) => Promise<readonly KernelAnswer[]>;
}

/** Limits and priorities as they are, to be changed; the kernel's answer stands beside each that was. */
export function LimitsForm({ of, limits, cgroup, change }: LimitsFormProps) {
  const missing = missingLimits(useHostReport());
  // Only what was typed: what somebody else changes meanwhile shows up in the other fields.
  const [edits, setEdits] = useState<Partial<LimitTexts>>({});
  const [errors, setErrors] = useState<LimitErrors>({});
  const [failure, setFailure] = useState<PlimsollError | null>(null);
  const [answers, setAnswers] = useState<readonly KernelAnswer[] | null>(null);
  const [pending, setPending] = useState(false);
  const texts = { ...limitTexts(limits), ...edits };
  const isEdited = Object.keys(edits).length > 0;

  function tell(wrong: LimitErrors, error: PlimsollError | null, form: HTMLFormElement): void {
    setErrors(wrong);
    setFailure(error);
    focusInvalid(form);
  }

  async function submit(event: FormEvent<HTMLFormElement>): Promise<void> {
    event.preventDefault();
    if (pending) return;
    const form = event.currentTarget;
    const read = readLimits(texts);
    setAnswers(null);
    if ('errors' in read) return tell(read.errors, null, form);
    tell({}, null, form);
    const wanted = limitsChange(limits, read.limits);
    if (Object.keys(wanted).length === 0) return setEdits({});
    setPending(true);
    try {
      setAnswers(await change(wanted));
      setEdits({});
    } catch (error) {
      const known = knownError(error);
      const about = limitAbout(known.field ?? known.message);
      if (about === undefined) tell({}, known, form);
      else tell({ [about]: `${known.message}. ${known.hint}` }, null, form);
    } finally {
      setPending(false);
    }
  }

  const fields = {
    of,
    texts,
    edit: (part: Partial<LimitTexts>) => setEdits({ ...edits, ...part }),
    errors,
    missing,
    answers: byLimit(answers ?? [], cgroup),
  };
  return (
    <form noValidate aria-label="Limits" onSubmit={(event) => void submit(event)} className="flex flex-col gap-4 p-4">
      <div className="grid gap-x-4 gap-y-3 sm:grid-cols-2 lg:grid-cols-4">
        <LimitFields which="first" {...fields} />
        <LimitFields which="more" {...fields} />
      </div>
      {failure !== null && <ErrorNote error={failure} />}
      <div className="flex min-h-8 flex-wrap items-center gap-3">
        <Button tone="primary" type="submit" aria-busy={pending} disabled={pending || !isEdited}>
          {pending ? 'Asking the kernel …' : 'Apply'}
        </Button>
        {isEdited && (
          <Button
            tone="quiet"
            onClick={() => {
              setEdits({});
              setErrors({});
              setFailure(null);
            }}
          >
            Undo
          </Button>
        )}
        <p role="status" className="text-13 text-ink-2">
          {answers === null ? 'Empty is no limit. A change holds at once, for what runs too.' : outcome(answers)}
        </p>
      </div>
    </form>
  );
}

function outcome(answers: readonly KernelAnswer[]): string {
  return answers.length === 0
    ? 'Kept. It does not run: the kernel hears of it at the next start.'
    : 'Done: each file was read again, and reads as shown.';
}

/** Its own files: on v1 a change may reach what is below it too. */
function byLimit(answers: readonly KernelAnswer[], cgroup: string): Map<LimitName, KernelAnswer[]> {
  const found = new Map<LimitName, KernelAnswer[]>();
  for (const answer of answers) {
    const limit = limitOfFile(lastPart(answer.file));
    const isOwn = limit === 'storageBytes' || answer.file.endsWith(`${cgroup}/${lastPart(answer.file)}`);
    if (limit === undefined || !isOwn) continue;
    found.set(limit, [...(found.get(limit) ?? []), answer]);
  }
  return found;
}
