import type { MountEntry } from '@plimsoll/protocol';
import { plural } from '../../lib/format.ts';
import { Section } from './section.tsx';

/** Its mounts as mountinfo has them, by where they are; on a phone each is a card. */
export function Mounts({ mounts }: { mounts: readonly MountEntry[] }) {
  // Stable: of several at one place the last still lies on top.
  const sorted = mounts.toSorted((a, b) => (a.mountPoint < b.mountPoint ? -1 : Number(a.mountPoint > b.mountPoint)));
  const writable = mounts.filter(({ options }) => options.split(',').includes('rw')).length;
  return (
    <Section title="Mounts" note={`${plural(mounts.length, 'mount')}, ${writable} writable`}>
      <div
        role="table"
        aria-label="Mounts"
        // Scrolled by keys as well.
        // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
        tabIndex={0}
        className="max-h-160 overflow-auto rounded-md border border-line text-13"
      >
        <div role="row" className={`sticky top-0 border-b border-line bg-surface text-12 text-ink-2 max-md:hidden ${GRID}`}>
          {['Mounted at', 'Type', 'Source', 'Options', 'Propagation'].map((name) => (
            <span key={name} role="columnheader">
              {name}
            </span>
          ))}
        </div>
        {sorted.map((mount, i) => (
          // Several may lie on top of each other at one place.
          // oxlint-disable-next-line react/no-array-index-key
          <Mount key={`${mount.mountPoint} ${i}`} mount={mount} />
        ))}
      </div>
    </Section>
  );
}

const GRID =
  'grid gap-x-3 px-3 py-1 grid-cols-[minmax(0,1fr)_auto] ' +
  'md:grid-cols-[minmax(8rem,1.3fr)_4.5rem_minmax(7rem,1fr)_minmax(9rem,1.4fr)_5.5rem]';

function Mount({ mount: { mountPoint, root, fsType, source, options, superOptions, propagation } }: { mount: MountEntry }) {
  return (
    <div role="row" className={`border-b border-line last:border-b-0 hover:bg-hover md:items-baseline ${GRID}`}>
      <span role="cell" className="min-w-0 font-mono text-12 wrap-anywhere">
        {mountPoint}
      </span>
      <span role="cell" className="text-12 text-ink-2 max-md:text-right">
        {fsType}
      </span>
      <span role="cell" className="min-w-0 text-12 wrap-anywhere text-ink-2 max-md:col-span-2">
        {source}
        {root !== '/' && <span className="font-mono text-ink-3">{` ${root}`}</span>}
      </span>
      <span
        role="cell"
        className="min-w-0 font-mono text-12 wrap-anywhere text-ink-2 max-md:col-span-2"
        title={`Of the file system: ${superOptions}`}
      >
        {options.replaceAll(',', ', ')}
      </span>
      <span role="cell" className="text-12 text-ink-3 max-md:hidden">
        {propagation}
      </span>
    </div>
  );
}
