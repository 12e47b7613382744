import type { Seen } from '@plimsoll/protocol';
import type { ReactNode } from 'react';
import { clock } from '../../lib/isolation-in-words.ts';
import { Section } from './section.tsx';

interface Row {
  label: string;
  container: ReactNode;
  host: ReactNode;
  same: boolean;
}

/** The same things as they are told to the container, and as they are on the host. */
export function Beside({ sees }: { sees: Seen }) {
  return (
    <Section title="What it sees">
      <div role="table" aria-label="What the container sees, beside the host" className="rounded-md border border-line text-13">
        <div role="row" className={`border-b border-line text-12 text-ink-2 ${GRID}`}>
          <span role="columnheader" className="max-md:sr-only">
            <span className="sr-only">What</span>
          </span>
          <span role="columnheader">The container sees</span>
          <span role="columnheader">The host sees</span>
        </div>
        {rowsOf(sees).map(({ label, container, host, same }) => (
          <div key={label} role="row" className={`border-b border-line last:border-b-0 ${GRID}`}>
            <span role="rowheader" className="text-ink-2 max-md:col-span-2 max-md:text-12">
              {label}
            </span>
            <span role="cell" className="min-w-0 wrap-anywhere">
              {container}
            </span>
            <span role="cell" className="min-w-0 wrap-anywhere text-ink-2">
              {host}
              {same && <span className="text-12 text-ink-3"> (the same)</span>}
            </span>
          </div>
        ))}
      </div>
    </Section>
  );
}

const GRID = 'grid grid-cols-2 gap-x-4 gap-y-0.5 px-3 py-1.5 md:grid-cols-[9rem_minmax(0,1fr)_minmax(0,1fr)] md:items-baseline';

function rowsOf(sees: Seen): Row[] {
  return [
    row('Host name', sees.hostname, (name) => name ?? 'not known'),
    row('Its first process', sees.pid, (pid) => <Mono>{pid}</Mono>),
    row('Processes', sees.processes, (processes) => <span className="tabular">{processes.toLocaleString('en')}</span>),
    row('It runs as', sees.user, ({ uid, gid }) => `user ${idInWords(uid)}, group ${idInWords(gid)}`),
    row('Mounts', sees.mounts, ({ count, root }) => (
      <>
        <span className="tabular">{count}</span>
        {root !== null && <span className="text-ink-3">, the root a {root.fsType}</span>}
      </>
    )),
    row('Network devices', part(sees.network, 'interfaces'), (names) => <Mono>{names.join(' ') || 'none'}</Mono>),
    row('Addresses', part(sees.network, 'addresses'), (addresses) => <Mono>{addresses.join(' ') || 'none'}</Mono>),
    row('Monotonic clock', part(sees.clocks, 'monotonicMs'), (ms) => <Clock milliseconds={ms} />),
    row('Up since boot', part(sees.clocks, 'boottimeMs'), (ms) => <Clock milliseconds={ms} />),
  ];
}

interface Both<Value> {
  container: Value;
  host: Value;
}

function part<Whole, Key extends keyof Whole>({ container, host }: Both<Whole>, key: Key): Both<Whole[Key]> {
  return { container: container[key], host: host[key] };
}

function row<Value>(label: string, { container, host }: Both<Value>, show: (value: Value) => ReactNode): Row {
  return {
    label,
    container: show(container),
    host: show(host),
    same: JSON.stringify(container) === JSON.stringify(host),
  };
}

function idInWords(id: number | null): string {
  if (id === null) return 'nobody';
  return id === 0 ? '0 (root)' : String(id);
}

function Clock({ milliseconds }: { milliseconds: number }) {
  return <span className="tabular">{clock(milliseconds)}</span>;
}

function Mono({ children }: { children: ReactNode }) {
  return <span className="font-mono text-12">{children}</span>;
}
