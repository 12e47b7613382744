import { instant, inWords, type Quantity } from '../../lib/format.ts';
import type { ChartRow } from '../../live/chart-rows.ts';
import type { Series } from './time-chart.tsx';

interface ChartTooltipProps {
  series: readonly Series[];
  format: (value: number) => Quantity;
  limit: number | undefined;
  /** Given by the chart. */
  active?: boolean;
  payload?: readonly { payload?: ChartRow }[];
}

export function ChartTooltip({ series, format, limit, active = false, payload = [] }: ChartTooltipProps) {
  const row = payload[0]?.payload;
  if (!active || row === undefined) return null;
  return (
    <div className="rounded-md border border-line bg-raised px-2.5 py-1.5 text-12 shadow-md">
      <p className="tabular text-ink-3">{instant(new Date(row.time).toISOString()).slice(11)}</p>
      <table>
        <tbody>
          {series.toReversed().map(({ column, label, colour }) => {
            const value = row[column];
            return (
              <tr key={column}>
                <td className="pr-4 text-ink-2">
                  <span
                    aria-hidden
                    className="mr-1.5 inline-block size-2 rounded-xs"
                    style={{ background: `var(--color-${colour})` }}
                  />
                  {label}
                </td>
                <td className="tabular text-right">{value === null ? 'no reading' : inWords(format(value))}</td>
              </tr>
            );
          })}
          {series[0]?.stack !== undefined && (
            <tr>
              <td className="pr-4 text-ink-2">in all</td>
              <td className="tabular text-right">
                {inWords(format(series.reduce((sum, { column }) => sum + (row[column] ?? NaN), 0)))}
              </td>
            </tr>
          )}
          {limit !== undefined && (
            <tr>
              <td className="pr-4 text-ink-2">limit</td>
              <td className="tabular text-right">{inWords(format(limit))}</td>
            </tr>
          )}
        </tbody>
      </table>
    </div>
  );
}
