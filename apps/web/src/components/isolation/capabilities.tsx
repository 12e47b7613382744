import type { CapabilitySets } from '@plimsoll/protocol';
import { Check, Minus } from 'lucide-react';
import { ALL_CAPABILITIES, capabilityAllows, capabilityName } from '../../lib/capabilities-in-words.ts';
import { Folded, Section } from './section.tsx';

const SETS = ['effective', 'permitted', 'inheritable', 'bounding', 'ambient'] as const;

/** What it is allowed of what root can be, set by set; what is in none of them is folded away. */
export function Capabilities({ sets }: { sets: CapabilitySets }) {
  const granted = [...new Set(SETS.flatMap((set) => sets[set]))];
  const dropped = ALL_CAPABILITIES.filter((name) => !granted.includes(name));
  return (
    <Section title="Capabilities" note={SETS.map((set) => `${sets[set].length} ${set}`).join(' · ')}>
      {granted.length === 0 ? (
        <p className="text-13 text-ink-2">None: root inside can do no more than any other user.</p>
      ) : (
        <table className="w-full text-left text-13">
          <thead className="text-12 text-ink-2">
            <tr className="[&>th]:border-b [&>th]:border-line [&>th]:py-1 [&>th]:font-normal">
              <th>Capability</th>
              {SETS.map((set) => (
                <th key={set} className="w-6 text-center" title={set}>
                  <span aria-hidden className="uppercase">
                    {set.charAt(0)}
                  </span>
                  <span className="sr-only">{set}</span>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {granted.map((name) => (
              <tr key={name} className="hover:bg-hover [&>*]:border-b [&>*]:border-line [&>*]:py-1 last:[&>*]:border-b-0">
                <th className="pr-2 font-normal">
                  <Named name={name} />
                </th>
                {SETS.map((set) => (
                  <td key={set}>
                    <Within set={sets[set].includes(name)} />
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {dropped.length > 0 && (
        <div className="mt-3">
          <Folded summary={`${dropped.length} are dropped`}>
            <ul className="mt-2 flex flex-col gap-1">
              {dropped.map((name) => (
                <li key={name}>
                  <Named name={name} />
                </li>
              ))}
            </ul>
          </Folded>
        </div>
      )}
    </Section>
  );
}

function Named({ name }: { name: string }) {
  return (
    <span className="grid gap-x-3 @xl:grid-cols-[9.5rem_minmax(0,1fr)] @xl:items-baseline">
      <span className="font-mono text-12 leading-5">{capabilityName(name)}</span>{' '}
      <span className="text-12 leading-5 text-ink-2 first-letter:uppercase">{capabilityAllows(name)}</span>
    </span>
  );
}

function Within({ set }: { set: boolean }) {
  return (
    <>
      {set ? (
        <Check aria-hidden size={14} className="mx-auto text-ink-2" />
      ) : (
        <Minus aria-hidden size={14} className="mx-auto text-line-strong" />
      )}
      <span className="sr-only">{set ? 'yes' : 'no'}</span>
    </>
  );
}
