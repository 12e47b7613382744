import { sharingOf, type HostNamespace, type MatrixRow, type NamespaceMatrix, type NamespaceType } from '@plimsoll/protocol';
import { Server } from 'lucide-react';
import Link from 'next/link';
import { useMemo, type ReactNode } from 'react';
import { NAMESPACE_HOLDS } from '../../lib/isolation-in-words.ts';
import { namespaceTints } from '../../lib/namespace-tints.ts';
import { Sharing } from '../isolation/sharing.tsx';

/** A row for each container below the host's; what is narrower shows cards. */
export function Matrix({ matrix, query }: { matrix: NamespaceMatrix; query: string }) {
  const tints = useMemo(() => namespaceTints(matrix), [matrix]);
  const { types, host, rows } = matrix;
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  const shown = rows.filter(({ name }) => words.every((word) => name.toLowerCase().includes(word)));
  return (
    <div className="@container">
      <p className="mb-2 text-12 text-ink-3">Who shares a namespace has one colour in its column; grey is the host’s.</p>
      <div role="table" aria-label="Namespaces of the host and of each container" className="card overflow-clip text-13">
        <div
          role="row"
          className={`sticky top-0 z-10 border-b border-line bg-surface text-12 text-ink-2 @max-[60rem]:hidden ${GRID}`}
          style={columns(types)}
        >
          <span role="columnheader" className="px-3 py-2">
            Container
          </span>
          {types.map((type) => (
            <span key={type} role="columnheader" className="border-l border-line px-2 py-2">
              <span className="block text-13 font-medium text-ink">{type}</span> {NAMESPACE_HOLDS[type]}
            </span>
          ))}
        </div>
        <Row
          name={
            <span className="flex items-center gap-2 font-medium">
              <Server aria-hidden size={15} className="flex-none text-ink-2" /> The host
            </span>
          }
          types={types}
          cells={host}
          tints={tints}
        />
        {shown.map(({ id, name, cells }) => (
          <Row
            key={id}
            name={
              <Link
                href={`/containers/${id}?tab=isolation`}
                prefetch={false}
                className="truncate font-medium text-accent underline-offset-2 hover:underline"
              >
                {name}
              </Link>
            }
            types={types}
            cells={cells}
            tints={tints}
            container={id}
          />
        ))}
      </div>
      {rows.length === 0 && (
        <p className="mt-3 text-13 text-ink-2">
          No container runs. Start one to see what is its own:{' '}
          <code className="rounded border border-line bg-surface px-1.5 py-0.5 font-mono text-12">
            npx plimsoll run -d -- sleep infinity
          </code>
        </p>
      )}
      {rows.length > 0 && shown.length === 0 && <p className="mt-3 text-13 text-ink-2">No container’s name matches.</p>}
    </div>
  );
}

const GRID = '@[60rem]:grid @[60rem]:grid-cols-(--columns)';

function columns(types: readonly NamespaceType[]): Record<string, string> {
  return { '--columns': `minmax(8rem, 1.2fr) repeat(${types.length}, minmax(0, 1fr))` };
}

interface RowProps {
  name: ReactNode;
  types: readonly NamespaceType[];
  cells: MatrixRow['cells'];
  tints: ReadonlyMap<number, string>;
  /** Whose row it is; none: the host's. */
  container?: string;
}

function Row({ name, types, cells, tints, container }: RowProps) {
  return (
    <div
      role="row"
      // What is far away is laid out when it is scrolled to.
      className={`border-b border-line last:border-b-0 [contain-intrinsic-size:auto_3rem] [content-visibility:auto] @max-[60rem]:grid @max-[60rem]:grid-cols-2 @max-[60rem]:gap-1.5 @max-[60rem]:p-3 @max-[60rem]:@[34rem]:grid-cols-4 ${GRID}`}
      style={columns(types)}
    >
      <span role="rowheader" className="flex min-w-0 items-center @max-[60rem]:col-span-full @[60rem]:px-3">
        {name}
      </span>
      {types.map((type) => {
        const cell = cells[type];
        return (
          <span
            key={type}
            role="cell"
            className="flex min-w-0 flex-col justify-center px-2 py-1.5 @max-[60rem]:rounded @max-[60rem]:border @max-[60rem]:border-line @[60rem]:border-l @[60rem]:border-line"
            style={cell === undefined ? {} : { background: tints.get(cell.inode) }}
          >
            <span className="flex flex-wrap items-baseline justify-between gap-x-2 text-12 @[60rem]:order-last">
              <span className="text-ink-2 @[60rem]:hidden">{type}</span>
              {cell !== undefined && <span className="tabular font-mono text-ink-3">{cell.inode}</span>}
            </span>
            {cell === undefined && <span className="text-ink-3">–</span>}
            {cell !== undefined &&
              (container === undefined ? <Members namespace={cell} /> : <Sharing namespace={sharingOf(cell, container)} />)}
          </span>
        );
      })}
    </div>
  );
}

function Members({ namespace: { processes } }: { namespace: HostNamespace }) {
  return (
    <span className="tabular text-ink-2">
      {processes.toLocaleString('en')} {processes === 1 ? 'process' : 'processes'}
    </span>
  );
}
