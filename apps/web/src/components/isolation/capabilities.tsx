'use client';

import { Popover } from '@base-ui/react/popover';
import type { CapabilitySets } from '@plimsoll/protocol';
import { ALL_CAPABILITIES, capabilityAllows, capabilityName } from '../../lib/capabilities-in-words.ts';
import { listed } from '../../lib/isolation-in-words.ts';
import { Folded, Section } from './section.tsx';

const SETS = ['effective', 'permitted', 'inheritable', 'bounding', 'ambient'] as const;

/** What root inside is allowed of what root can be; what it is not is folded away. */
export function Capabilities({ sets }: { sets: CapabilitySets }) {
  const granted = [...new Set(SETS.flatMap((set) => sets[set]))];
  const dropped = ALL_CAPABILITIES.filter((name) => !granted.includes(name));
  return (
    <Section title="Capabilities" note={SETS.map((set) => `${sets[set].length} ${set}`).join(' · ')}>
      {granted.length === 0 ? (
        <p className="text-13 text-ink-2">None: root inside can do no more than any other user.</p>
      ) : (
        <Popover.Root>
          {({ payload }) => (
            <>
              <ul className="flex flex-wrap gap-1.5">
                {granted.map((name) => (
                  <li key={name}>
                    <Popover.Trigger
                      openOnHover
                      delay={120}
                      payload={name}
                      className={`rounded border px-1.5 py-0.5 font-mono text-12 ${
                        sets.effective.includes(name)
                          ? 'border-line-strong bg-hover hover:border-accent'
                          : 'border-dashed border-line-strong text-ink-2 hover:border-accent'
                      }`}
                    >
                      {capabilityName(name)}
                    </Popover.Trigger>
                  </li>
                ))}
              </ul>
              <Popover.Portal>
                <Popover.Positioner sideOffset={6} collisionPadding={12} className="z-30">
                  <Popover.Popup className="max-w-80 rounded-md border border-line bg-raised px-3 py-2 text-13 shadow-lg outline-none">
                    {typeof payload === 'string' && <Explained name={payload} sets={sets} />}
                  </Popover.Popup>
                </Popover.Positioner>
              </Popover.Portal>
            </>
          )}
        </Popover.Root>
      )}
      {dropped.length > 0 && (
        <div className="mt-3">
          <Folded summary={`${dropped.length} are dropped`}>
            <dl className="mt-2 grid gap-x-4 gap-y-0.5 @md:grid-cols-[11rem_1fr]">
              {dropped.map((name) => (
                <div key={name} className="contents">
                  <dt className="font-mono text-12 leading-5">{capabilityName(name)}</dt>
                  <dd className="text-12 leading-5 text-ink-2 max-md:mb-1">{capabilityAllows(name)}</dd>
                </div>
              ))}
            </dl>
          </Folded>
        </div>
      )}
    </Section>
  );
}

function Explained({ name, sets }: { name: string; sets: CapabilitySets }) {
  const within = SETS.filter((set) => sets[set].includes(name));
  return (
    <>
      <Popover.Title className="font-mono text-12 font-semibold">{name}</Popover.Title>
      <Popover.Description className="mt-0.5 first-letter:uppercase">{capabilityAllows(name)}.</Popover.Description>
      <p className="mt-1 text-12 text-ink-3">{within.length === SETS.length ? 'In every set' : `In ${listed(within)}`}</p>
    </>
  );
}
