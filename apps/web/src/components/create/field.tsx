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
  className?: string;
  children: (control: Control) => ReactNode;
}

const CONTROL =
  'w-full rounded-md border border-line-strong bg-surface px-2.5 py-1.5 text-14 placeholder:text-ink-3 aria-invalid:border-failed aria-invalid:outline-failed';

/** A labelled control, its hint, and what is wrong with it. */
export function Field({ label, name, hint, error, className = '', children }: FieldProps) {
  const id = useId();
  const described = [hint !== undefined && `${id}-hint`, error !== undefined && `${id}-error`].filter(Boolean).join(' ');
  return (
    <div className={`min-w-0 ${className}`}>
      <label htmlFor={id} className="mb-1 block text-13 font-medium">
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
        <p id={`${id}-error`} className="mt-1 text-12 text-failed first-letter:uppercase">
          {error}
        </p>
      )}
      {hint !== undefined && (
        <p id={`${id}-hint`} className="mt-1 text-12 text-ink-3">
          {hint}
        </p>
      )}
    </div>
  );
}
