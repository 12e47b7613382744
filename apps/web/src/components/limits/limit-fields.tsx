'use client';

import type { KernelAnswer, LimitName } from '@plimsoll/protocol';
import type { ReactNode } from 'react';
import { CONTAINER_LIMITS, LIMIT_FIELDS, type MissingLimits, type PlainLimit } from '../../lib/limit-fields.ts';
import type { LimitErrors, LimitTexts } from '../../lib/limit-texts.ts';
import { Field } from '../field.tsx';
import { DiskLimits } from './disk-limits.tsx';
import { KernelSays } from './kernel-says.tsx';

export interface LimitFieldsProps {
  texts: LimitTexts;
  edit: (part: Partial<LimitTexts>) => void;
  of: 'container' | 'new container' | 'group';
  errors: LimitErrors;
  /** What this host cannot carry out, and why. */
  missing: MissingLimits;
  /** What the kernel said of each after the last change. */
  answers?: ReadonlyMap<LimitName, readonly KernelAnswer[]>;
}

/** The first few, which most are made with; the rest of them; and the disks. */
export function LimitFields(props: LimitFieldsProps & { which: 'first' | 'more' }) {
  const { which, texts, edit, of, errors, missing, answers } = props;
  const fields = of === 'group' ? LIMIT_FIELDS.filter(({ name }) => !CONTAINER_LIMITS.has(name)) : LIMIT_FIELDS;
  const all = fields.map((field) => (of === 'new container' ? { ...field, ...field.whenNew } : field));
  const shown = which === 'first' ? all.slice(0, FIRST) : all.slice(FIRST);
  return (
    <>
      {shown.map(({ name, label, hint, placeholder, kind }) => (
        <LimitField key={name} name={name} label={label} hint={hint} props={props}>
          {(control) => (
            <input
              {...control}
              value={texts[name]}
              onChange={({ target }) => edit({ [name]: target.value })}
              disabled={missing[name] !== undefined}
              placeholder={missing[name] === undefined ? placeholder : ''}
              inputMode={kind === 'number' ? 'decimal' : kind === 'whole' ? 'numeric' : 'text'}
              autoComplete="off"
              spellCheck={false}
            />
          )}
        </LimitField>
      ))}
      {which === 'more' && (
        <DiskLimits
          disks={texts.io}
          edit={(io) => edit({ io })}
          error={errors.io}
          missing={missing.io}
          answers={answers?.get('io') ?? []}
        />
      )}
    </>
  );
}

const FIRST = 4;

interface LimitFieldProps {
  name: PlainLimit;
  label: string;
  hint: string;
  props: LimitFieldsProps;
  children: Parameters<typeof Field>[0]['children'];
}

function LimitField({ name, label, hint, props: { errors, missing, answers }, children }: LimitFieldProps) {
  const reason = missing[name];
  const said = answers?.get(name) ?? [];
  const about: ReactNode = said.length > 0 ? <KernelSays answers={said} /> : (reason ?? hint);
  return (
    <Field label={label} name={name} error={errors[name]} hint={about} muted={reason !== undefined}>
      {children}
    </Field>
  );
}
