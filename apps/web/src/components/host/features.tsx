import type { HostFeature } from '@plimsoll/protocol';
import { Check, Minus } from 'lucide-react';

/** What the host offers, what each gives, and for what is missing, why. */
export function Features({ title, features }: { title: string; features: readonly HostFeature[] }) {
  if (features.length === 0) return null;
  return (
    <section className="card" aria-label={title}>
      <h2 className="border-b border-line px-4 py-2.5 text-13 font-semibold">{title}</h2>
      <ul>
        {features.map(({ name, available, gives, detail }) => (
          <li key={name} className="flex gap-3 border-b border-line px-4 py-2 text-13 last:border-b-0">
            <span className={`mt-0.5 flex-none ${available ? 'text-running' : 'text-ink-3'}`}>
              {available ? <Check aria-hidden size={16} /> : <Minus aria-hidden size={16} />}
              <span className="sr-only">{available ? 'available' : 'missing'}</span>
            </span>
            <div className="min-w-0">
              <p>
                <span className={`font-medium ${available ? '' : 'text-ink-2'}`}>{name}</span>{' '}
                <span className="text-ink-2">{gives}</span>
              </p>
              {detail !== '' && (
                <p className={`text-12 wrap-anywhere ${available ? 'font-mono text-ink-3' : 'text-ink-2'}`}>{detail}</p>
              )}
            </div>
          </li>
        ))}
      </ul>
    </section>
  );
}
