import type { NamespaceMatrix } from '@plimsoll/protocol';
import { useMemo } from 'react';
import { NAMESPACE_HOLDS } from '../../lib/isolation-in-words.ts';
import { namespaceTints } from '../../lib/namespace-tints.ts';
import { columns, ContainerRow, GRID, HostRow } from './matrix-row.tsx';
import { Typed } from '../typed.tsx';

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
        <HostRow host={host} types={types} tints={tints} />
        {shown.map((row) => (
          <ContainerRow key={row.id} row={row} types={types} tints={tints} />
        ))}
      </div>
      {rows.length === 0 && (
        <p className="mt-3 text-13 text-ink-2">
          No container runs. Start one to see what is its own:{' '}
          <code className="rounded border border-line bg-surface px-1.5 py-0.5 font-mono text-12">
            <Typed>run -d -- sleep infinity</Typed>
          </code>
        </p>
      )}
      {rows.length > 0 && shown.length === 0 && <p className="mt-3 text-13 text-ink-2">No container’s name matches.</p>}
    </div>
  );
}
