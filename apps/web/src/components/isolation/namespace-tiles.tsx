import type { ContainerNamespace } from '@plimsoll/protocol';
import Link from 'next/link';
import { NAMESPACE_HOLDS } from '../../lib/isolation-in-words.ts';
import { Section } from './section.tsx';
import { Sharing } from './sharing.tsx';

/** Its namespaces, with whom each is shared. */
export function NamespaceTiles({ namespaces }: { namespaces: readonly ContainerNamespace[] }) {
  const own = namespaces.filter(({ sharedWith }) => sharedWith === 'own').length;
  return (
    <Section
      title="Namespaces"
      note={
        <>
          {own} of {namespaces.length} are its own ·{' '}
          <Link href="/namespaces" prefetch={false} className="text-accent underline-offset-2 hover:underline">
            all of this host
          </Link>
        </>
      }
    >
      <ul className="grid grid-cols-2 gap-2 @2xl:grid-cols-4">
        {namespaces.map((namespace) => (
          <li
            key={namespace.type}
            className={`min-w-0 rounded-md border px-3 py-2 max-sm:px-2.5 ${namespace.sharedWith === 'own' ? 'border-line' : 'border-dashed border-line-strong'}`}
          >
            <div className="flex flex-wrap items-baseline justify-between gap-x-2">
              <h3 className="text-14 font-medium max-sm:text-13">{namespace.type}</h3>
              <span className="tabular font-mono text-12 text-ink-3">{namespace.inode}</span>
            </div>
            <p className="text-12 text-ink-2">{NAMESPACE_HOLDS[namespace.type]}</p>
            <div className="mt-1 flex">
              <Sharing namespace={namespace} />
            </div>
          </li>
        ))}
      </ul>
    </Section>
  );
}
