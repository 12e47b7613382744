import type { ReactNode } from 'react';

export interface Column {
  name: string;
  className: string;
}

export const ROW_CLASS =
  'hover:bg-hover [&>td]:border-b [&>td]:border-line [&>td]:px-4 [&>td]:py-2 last:[&>td]:border-b-0 max-md:[&>td]:px-3';

/** A short table on a card; its rows have ROW_CLASS, and end with a cell of actions. */
export function PlainTable({ head, children }: { head: readonly Column[]; children: ReactNode }) {
  return (
    <div className="card overflow-x-auto">
      <table className="w-full text-left text-13">
        <thead className="text-12 text-ink-2">
          <tr className="[&>th]:border-b [&>th]:border-line [&>th]:px-4 [&>th]:py-2 [&>th]:font-normal max-md:[&>th]:px-3">
            {head.map(({ name, className }) => (
              <th key={name} className={className}>
                {name}
              </th>
            ))}
            <th aria-label="Actions" />
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </div>
  );
}
