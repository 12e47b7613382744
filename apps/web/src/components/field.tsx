import { useId, type ReactNode } from 'react';

interface Control {
  id: string;
  name: string;
  'aria-describedby': string | undefined;
  'aria-invalid': boolean;
  className: string;
}

interface FieldProps {
  label: string;
  name: string;
  hint?: ReactNode;
  error?: string | undefined;
  /** What it is for cannot be had. */
  muted?: boolean;
  className?: string;
  children: (control: Control) => ReactNode;
}

export const CONTROL =
  'w-full rounded-md border border-line-strong bg-surface px-2.5 py-1.5 text-14 placeholder:text-ink-3 aria-invalid:border-failed aria-invalid:outline-failed disabled:border-line disabled:bg-hover disabled:text-ink-3';

/** A labelled control, its hint, and what is wrong with it. */
export function Field({ label, name, hint, error, muted = false, className = '', children }: FieldProps) {
  const id = useId();
  const described = [hint !== undefined && `${id}-hint`, error !== undefined && `${id}-error`].filter(Boolean).join(' ');
  return (
    <div className={`min-w-0 ${className}`}>
      <label htmlFor={id} className={`mb-1 block text-13 font-medium ${muted ? 'text-ink-3' : ''}`}>
        {label}
      </label>
      {children({
        id,
        name,
        'aria-describedby': described || undefined,
        'aria-invalid': error !== undefined,
        className: CONTROL,
      })}
      {error !== undefined && (
        <p id={`${id}-error`} className="mt-1 text-12 text-failed wrap-anywhere first-letter:uppercase">
          {error}
        </p>
      )}
      {hint !== undefined && (
        <div id={`${id}-hint`} className="mt-1 text-12 text-ink-3">
          {hint}
        </div>
      )}
    </div>
  );
}

/** Leads to the first control that is wrong, once it is drawn as such: one inside a closed <details> opens with its error. */
export function focusInvalid(form: HTMLFormElement): void {
  requestAnimationFrame(() => form.querySelector<HTMLElement>('[aria-invalid=true]')?.focus());
}
