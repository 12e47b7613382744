import { inWords, type Quantity } from '@plimsoll/protocol/quantities';
import { fillShare, LOAD_LINE_AT, loadTone } from '../lib/load.ts';

const FILL = { water: 'bg-water', amber: 'bg-amber', over: 'bg-over' } as const;

/** Usage against its limit: water that rises to the load line. */
export function LoadLineBar({ used, limit, format }: { used: number; limit: number; format: (value: number) => Quantity }) {
  const share = fillShare(used, limit);
  return (
    <div
      role="meter"
      aria-valuemin={0}
      aria-valuemax={limit}
      aria-valuenow={Number.isFinite(used) ? Math.min(used, limit) : 0}
      aria-valuetext={`${inWords(format(used))} of ${inWords(format(limit))}`}
      aria-label="Used of its limit"
      className="relative h-2 w-full"
    >
      <div className="absolute inset-0 overflow-hidden rounded-xs bg-trough">
        <div className={`h-full ${FILL[loadTone(used, limit)]}`} style={{ width: `${(share * 100).toFixed(2)}%` }} />
      </div>
      <div className="absolute -top-1 h-4 w-px bg-load-line" style={{ left: `${LOAD_LINE_AT * 100}%` }}>
        <div className="absolute top-1/2 left-1/2 size-1.5 -translate-x-1/2 -translate-y-1/2 rounded-full border border-load-line bg-surface" />
      </div>
    </div>
  );
}
