import { Mark } from '../mark.tsx';
import { Typed } from '../typed.tsx';

/** Teaches what groups are for. */
export function NoGroups() {
  return (
    <div className="m-auto w-full max-w-lg px-4 py-8 sm:px-8 text-center">
      <span className="inline-block text-ink-3">
        <Mark size={48} />
      </span>
      <h2 className="mt-3 text-16 font-semibold">No groups yet</h2>
      <p className="mt-1 text-ink-2">
        A group is one cgroup around its containers, with limits of its own: it is frozen, thawed and killed as one. Make one with
        “New group”, or on the host:
      </p>
      <pre className="mt-4 overflow-x-auto rounded-md border border-line bg-surface px-4 py-3 text-left font-mono text-13">
        <Typed>group create acme/web --memory 1g</Typed>
      </pre>
    </div>
  );
}
