import { Button } from '../button.tsx';
import { Mark } from '../mark.tsx';
import { Typed } from '../typed.tsx';

/** Teaches the first command. */
export function NoContainers() {
  return (
    <div className="m-auto w-full max-w-lg px-4 py-8 sm:px-8 text-center">
      <span className="inline-block text-ink-3">
        <Mark size={48} />
      </span>
      <h2 className="mt-3 text-16 font-semibold">No containers yet</h2>
      <p className="mt-1 text-ink-2">Make one with “New container”, or on the host:</p>
      <pre className="mt-4 overflow-x-auto rounded-md border whitespace-pre-wrap border-line bg-surface px-4 py-3 text-left font-mono text-13">
        <Typed>run -d --name burner --cpus 0.5 -- sh -c &apos;while :; do :; done&apos;</Typed>
      </pre>
    </div>
  );
}

export function NothingFound({ clear }: { clear: () => void }) {
  return (
    <div className="m-auto p-8 text-center">
      <h2 className="text-16 font-semibold">No container matches</h2>
      <p className="mt-1 mb-4 text-ink-2">Every word of the filter must occur in a name, group, image, state or id.</p>
      <Button onClick={clear}>Show all</Button>
    </div>
  );
}
