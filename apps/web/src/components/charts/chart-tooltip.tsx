import type { Incident } from '@plimsoll/protocol';
import { incidentLabel, isSevere } from '../../lib/incident-in-words.ts';
import { instant, inWords, type Quantity } from '../../lib/format.ts';
import type { ChartRow } from '../../live/chart-rows.ts';
import type { MoreLine, Series } from './plot.ts';

interface ChartTooltipProps {
  series: readonly Series[];
  more: readonly MoreLine[];
  format: (value: number) => Quantity;
  limit: number | undefined;
  incidents: readonly Incident[];
  /** An incident as near as this, in milliseconds, is told of. */
  near: number;
  /** Given by the chart. */
  active?: boolean;
  payload?: readonly { payload?: ChartRow }[];
}

export function ChartTooltip({ series, more, format, limit, incidents, near, active = false, payload = [] }: ChartTooltipProps) {
  const row = payload[0]?.payload;
  if (!active || row === undefined) return null;
  const words = (value: number | null) => (value === null ? 'no reading' : inWords(format(value)));
  const told = incidents.filter(({ at }) => Math.abs(Date.parse(at) - row.time) <= near);
  return (
    <div className="rounded-md border border-line bg-raised px-2.5 py-1.5 text-12 shadow-md">
      <p className="tabular text-ink-3">{instant(new Date(row.time).toISOString()).slice(11)}</p>
      <table>
        <tbody>
          {series.toReversed().map(({ column, label, colour }) => (
            <Line key={column} label={label} value={words(row[column])} colour={colour} />
          ))}
          {more.map(({ column, label }) =>
            // What the host has no counter for is left out.
            row[column] === null ? null : <Line key={column} label={label} value={words(row[column])} />,
          )}
          {limit !== undefined && <Line label="limit" value={words(limit)} />}
        </tbody>
      </table>
      {told.slice(-3).map((incident) => (
        <p key={`${incident.id} ${incident.at}`} className={`font-medium ${isSevere(incident) ? 'text-failed' : 'text-warning'}`}>
          {incidentLabel(incident)}
        </p>
      ))}
    </div>
  );
}

function Line({ label, value, colour }: { label: string; value: string; colour?: string }) {
  return (
    <tr>
      <td className="pr-4 text-ink-2">
        {colour !== undefined && (
          <span aria-hidden className="mr-1.5 inline-block size-2 rounded-xs" style={{ background: `var(--color-${colour})` }} />
        )}
        {label}
      </td>
      <td className="tabular text-right">{value}</td>
    </tr>
  );
}
