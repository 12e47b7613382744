import { sharingOf, type HostNamespace, type MatrixRow, type NamespaceType } from '@plimsoll/protocol';
import { Server } from 'lucide-react';
import Link from 'next/link';
import { memo, type ReactNode } from 'react';
import { Sharing } from '../isolation/sharing.tsx';

/** Columns from the width on from which there are any. */
export const GRID = '@[60rem]:grid @[60rem]:grid-cols-(--columns)';

export function columns(types: readonly NamespaceType[]): Record<string, string> {
  return { '--columns': `minmax(8rem, 1.2fr) repeat(${types.length}, minmax(0, 1fr))` };
}

interface HostRowProps extends Pick<RowProps, 'types' | 'tints'> {
  host: MatrixRow['cells'];
}

export function HostRow({ host, types, tints }: HostRowProps) {
  return (
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
  );
}

interface ContainerRowProps extends Pick<RowProps, 'types' | 'tints'> {
  row: MatrixRow;
}

/** Kept as it is while others are filtered away. */
export const ContainerRow = memo(function ContainerRow({ row: { id, name, cells }, types, tints }: ContainerRowProps) {
  return (
    <Row
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
  );
});

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
