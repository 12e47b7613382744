import { Mark } from '../mark.tsx';
import { Typed } from '../typed.tsx';

/** Teaches what volumes are for. */
export function NoVolumes() {
  return (
    <div className="m-auto w-full max-w-lg py-8 sm:px-8 text-center">
      <span className="inline-block text-ink-3">
        <Mark size={48} />
      </span>
      <h2 className="mt-3 text-16 font-semibold">No volumes yet</h2>
      <p className="mt-1 text-ink-2">
        What a container writes is removed with it. A volume is a directory that stays, and that several containers may share. It
        is made when a container first names it:
      </p>
      <pre className="mt-4 overflow-x-auto rounded-md border border-line bg-surface px-4 py-3 text-left font-mono text-13">
        <Typed>run -v data:/data -- COMMAND</Typed>
      </pre>
    </div>
  );
}
