import { bytes } from '@plimsoll/protocol/quantities';
import { LoadLineBar } from './load-line-bar.tsx';
import { Quantity } from './quantity.tsx';

interface MemoryProps {
  used: number;
  limit: number | undefined;
}

/** The cell of a table that has the memory in use, and how near its limit that is; the limit itself where the table is wide. */
export function MemoryFigure({ used, limit }: MemoryProps) {
  return (
    <>
      <span className="w-18 flex-none text-right max-md:w-auto">
        <Quantity value={bytes(used)} />
      </span>
      {limit !== undefined && (
        <>
          <span className="w-full md:@max-[53rem]:hidden">
            <LoadLineBar used={used} limit={limit} format={bytes} />
          </span>
          <span className="w-16 flex-none text-12 text-ink-3 @max-[93rem]:hidden">
            <Quantity value={bytes(limit)} />
          </span>
        </>
      )}
    </>
  );
}
