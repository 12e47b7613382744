export interface TreeColumn {
  label: string;
  className: string;
  /** What its figures mean, where their name does not say. */
  definition?: string;
}

interface HeadProps {
  columns: readonly TreeColumn[];
  /** The grid of the rows. */
  grid: string;
  /** A last column, of actions, has no word above it. */
  withActions?: boolean;
  className?: string;
}

export function TreeHead({ columns, grid, withActions = false, className = '' }: HeadProps) {
  return (
    <div role="rowgroup" className={`flex-none overflow-hidden border-b border-line [scrollbar-gutter:stable] ${className}`}>
      <div role="row" className={`h-9 text-12 text-ink-2 ${grid}`}>
        {columns.map(({ label, className: column, definition }) => (
          <span
            key={label}
            role="columnheader"
            title={definition}
            className={`min-w-0 truncate ${definition === undefined ? '' : 'cursor-help'} ${column}`}
          >
            {label}
          </span>
        ))}
        {withActions && (
          <span role="columnheader" className="sr-only">
            Actions
          </span>
        )}
      </div>
    </div>
  );
}
