import type { Quantity as Value } from '@plimsoll/protocol/quantities';

/** A figure with its unit in a lighter tone; digits of equal width, so that nothing moves when it changes. */
export function Quantity({ value: { figure, unit } }: { value: Value }) {
  return (
    <span className="tabular whitespace-nowrap">
      {figure}
      {unit !== '' && <span className="text-ink-3"> {unit}</span>}
    </span>
  );
}
