import { Mark } from '../mark.tsx';
import { Typed } from '../typed.tsx';

/** Teaches what rules are for. */
export function NoRules() {
  return (
    <div className="m-auto w-full max-w-lg py-8 sm:px-8 text-center">
      <span className="inline-block text-ink-3">
        <Mark size={48} />
      </span>
      <h2 className="mt-3 text-16 font-semibold">No alert rules yet</h2>
      <p className="mt-1 text-ink-2">
        A rule watches a figure of containers or groups, or waits for events, and tells you here, on every page, and a webhook if
        you give one. Make one with “New rule”, or on the host:
      </p>
      <pre className="mt-4 overflow-x-auto rounded-md border border-line bg-surface px-4 py-3 text-left font-mono text-13">
        <Typed>alert create --metric memory-share --above 90% nearly-full</Typed>
      </pre>
    </div>
  );
}
