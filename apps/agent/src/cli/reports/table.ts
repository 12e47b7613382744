import { fitEndTo, fitTo, padTo, widthOf } from './display-width.ts';
import { safe } from './terminal.ts';

/** A column that gives way on a narrow terminal. One without either is shown whole: an id, a state, a figure. */
export interface Column {
  title: string;
  /** Cut down to so many cells, and not further. */
  least?: number;
  /** A path: where it is cut, its end stays. */
  isPath?: boolean;
  /** Left out where that does not help: 1 before 2. Never without. */
  drop?: number;
}

const GAP = '   ';

/**
 * Columns as wide as their widest cell. Where the terminal is narrower, what may be cut is, the widest first, and then what may
 * be left out. Cells are made safe here. `width` undefined: into a pipe nothing is cut.
 */
export function table(
  header: readonly (string | Column)[],
  rows: readonly (readonly string[])[],
  width: number | undefined,
): string {
  const columns = columnsOf(header);
  const cells = [columns.map(({ title }) => title), ...rows].map((row) => safeCells(columns, row));
  const whole = columns.map((_, i) => Math.max(...cells.map((row) => widthOf(row[i] ?? ''))));
  const widths = width === undefined ? whole : fit(columns, whole, width);
  return cells.map((row) => writeRow(columns, row, widths)).join('\n');
}

/**
 * The same for rows that come one by one, which no later one can widen: `widths` are those of all columns but the last,
 * which takes what is left. `width` undefined: into a pipe nothing is cut.
 */
export function rowWriter(
  header: readonly (string | Column)[],
  widths: Widths,
  width: number | undefined,
): (row: readonly string[]) => string {
  const columns = columnsOf(header);
  if (width === undefined) {
    return (row) =>
      safeCells(columns, row)
        .map((cell, i) => padTo(cell, widths[i] ?? 0))
        .join(GAP)
        .trimEnd();
  }
  const fitting = fit(columns, [...widths, width], width);
  return (row) => writeRow(columns, safeCells(columns, row), fitting);
}

function columnsOf(header: readonly (string | Column)[]): Column[] {
  return header.map((column) => (typeof column === 'string' ? { title: column } : column));
}

function safeCells(columns: readonly Column[], row: readonly string[]): string[] {
  return columns.map((_, i) => safe(row[i] ?? '').replaceAll('\t', ' '));
}

/** 0: the column is left out. */
type Widths = readonly number[];

function writeRow(columns: readonly Column[], row: readonly string[], widths: Widths): string {
  const shown = row.flatMap((cell, i) => {
    const width = widths[i] ?? 0;
    const cut = columns[i]?.isPath === true ? fitEndTo : fitTo;
    return width === 0 ? [] : [padTo(cut(cell, width), width)];
  });
  return shown.join(GAP).trimEnd();
}

function fit(columns: readonly Column[], whole: Widths, width: number): Widths {
  const order = columns.flatMap(({ drop }, i) => (drop === undefined ? [] : [{ drop, i }])).toSorted((a, b) => a.drop - b.drop);
  let widths = cut(columns, whole, width);
  const dropped = new Set<number>();
  for (const { i } of order) {
    if (total(widths) <= width) break;
    dropped.add(i);
    widths = cut(
      columns,
      whole.map((one, at) => (dropped.has(at) ? 0 : one)),
      width,
    );
  }
  return widths;
}

/** Takes from the widest of those that may be cut, until all fit or none is left. */
function cut(columns: readonly Column[], whole: Widths, width: number): Widths {
  // No line is wider than the terminal: a command of any length costs no more than that.
  const widths = whole.map((one, i) =>
    columns[i]?.least === undefined ? one : Math.min(one, Math.max(width, columns[i].least)),
  );
  for (let excess = total(widths) - width; excess > 0; excess -= 1) {
    let widest: number | undefined;
    for (const [i, { least }] of columns.entries()) {
      const one = widths[i] ?? 0;
      if (least !== undefined && one > least && (widest === undefined || one > (widths[widest] ?? 0))) widest = i;
    }
    if (widest === undefined) break;
    widths[widest] = (widths[widest] ?? 0) - 1;
  }
  return widths;
}

function total(widths: Widths): number {
  const shown = widths.filter((width) => width > 0);
  return shown.reduce((sum, width) => sum + width, 0) + GAP.length * (shown.length - 1);
}
