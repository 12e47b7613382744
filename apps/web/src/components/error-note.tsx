import { errorInWords, type ErrorBody } from '@plimsoll/protocol';

type Noted = Pick<ErrorBody, 'message' | 'hint'> & { field?: string | undefined; id?: string | undefined };

/** An error in its place: what happened, and what to do next. */
export function ErrorNote({ error }: { error: Noted }) {
  return (
    <div role="alert" className="rounded-md border border-l-4 border-line border-l-failed bg-failed-tint px-3 py-2">
      <p className={`font-medium wrap-anywhere ${error.field === undefined ? 'first-letter:uppercase' : ''}`}>
        {errorInWords(error)}
      </p>
      <p className="mt-0.5 text-13 text-ink-2 wrap-anywhere">
        {error.hint}
        {error.id !== undefined && <span className="font-mono"> ({error.id})</span>}
      </p>
    </div>
  );
}
