import { Typed } from '../typed.tsx';

/** That a container has the host's ids against what was asked for, with the reason as the supervisor gave it. */
export function Fallback({ why }: { why: string }) {
  return (
    <section
      aria-label="Why it has no user namespace of its own"
      className="rounded-md border border-l-4 border-line border-l-warning px-3 py-2"
    >
      <p className="font-medium">Its root is the host’s: it has no user namespace of its own</p>
      <p className="mt-0.5 text-13 wrap-anywhere text-ink-2 first-letter:uppercase">{why}.</p>
      <p className="mt-0.5 text-13 text-ink-2">
        <code className="font-mono text-12">
          <Typed>doctor</Typed>
        </code>{' '}
        tells what this host lacks for it.
      </p>
    </section>
  );
}
