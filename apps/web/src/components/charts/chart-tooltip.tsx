import type { ChartColumn, Incident, Restart } from '@plimsoll/protocol';
import { inWords, type Quantity } from '@plimsoll/protocol/quantities';
import { incidentLabel, isSevere } from '../../lib/incident-in-words.ts';
import type { ChartRow } from '../../live/chart-rows.ts';
import type { MoreLine, Series } from './plot.ts';
import { instantOf } from './ticks.ts';

/** Of the time shown: what the pointer is at, and what is told of. */
const NEAR_PART = 100;

interface ChartTooltipProps {
  series: readonly Series[];
  more: readonly MoreLine[];
  format: (value: number) => Quantity;
  limit: number | undefined;
  incidents: readonly Incident[];
  restarts: readonly Restart[];
  /** Milliseconds that the chart shows. */
  spanMs: number;
  /** Given by the chart. */
  active?: boolean;
  payload?: readonly { payload?: ChartRow }[];
}

export function ChartTooltip({
  series,
  more,
  format,
  limit,
  incidents,
  restarts,
  spanMs,
  active = false,
  payload = [],
}: ChartTooltipProps) {
  const row = payload[0]?.payload;
  if (!active || row === undefined) return null;
  const words = (value: number | null) => (value === null ? 'no reading' : inWords(format(value)));
  const isNear = (time: number) => Math.abs(time - row.time) <= spanMs / NEAR_PART;
  const told = incidents.filter(({ at }) => isNear(Date.parse(at)));
  const began = restarts.filter(({ at }) => isNear(at));
  const range = (column: ChartColumn) => {
    const [least, most] = row.bands?.[column]?.map(words) ?? [];
    return least === most ? undefined : `${least} – ${most}`;
  };
  return (
    <div className="rounded-md border border-line bg-raised px-2.5 py-1.5 text-12 shadow-md">
      <p className="tabular text-ink-3">{instantOf(row.time, spanMs)}</p>
      <table>
        <tbody>
          {series.toReversed().map(({ column, label, colour }) => (
            <Line key={column} label={label} value={words(row[column])} range={range(column)} colour={colour} />
          ))}
          {more.map(({ column, label }) =>
            // What the host has no counter for is left out.
            row[column] === null ? null : <Line key={column} label={label} value={words(row[column])} range={range(column)} />,
          )}
          {limit !== undefined && <Line label="limit" value={words(limit)} />}
        </tbody>
      </table>
      {began.slice(-3).map(({ at, name }) => (
        <p key={at} className="text-ink-2">
          {name === null ? 'started again' : `${name} started again`}
        </p>
      ))}
      {told.slice(-3).map((incident) => (
        <p key={`${incident.id} ${incident.at}`} className={`font-medium ${isSevere(incident) ? 'text-failed' : 'text-warning'}`}>
          {incidentLabel(incident)}
        </p>
      ))}
    </div>
  );
}

interface LineProps {
  label: string;
  value: string;
  /** The least and the most that the value is a mean of. */
  range?: string | undefined;
  colour?: string;
}

function Line({ label, value, range, colour }: LineProps) {
  return (
    <tr>
      <td className="pr-4 text-ink-2">
        {colour !== undefined && (
          <span aria-hidden className="mr-1.5 inline-block size-2 rounded-xs" style={{ background: `var(--color-${colour})` }} />
        )}
        {label}
      </td>
      <td className="tabular text-right">{value}</td>
      {range !== undefined && <td className="tabular pl-3 text-right text-ink-3">{range}</td>}
    </tr>
  );
}
