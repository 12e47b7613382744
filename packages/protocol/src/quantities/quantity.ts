/** A number as it is shown: the figure, and its unit for a lighter tone. */
export interface Quantity {
  figure: string;
  unit: string;
}

/** Why a text cannot be read: a sentence without its capital and its full stop. */
export interface Wrong {
  wrong: string;
}

export const NO_READING: Quantity = { figure: '–', unit: '' };

export function inWords({ figure, unit }: Quantity): string {
  return unit === '' ? figure : `${figure} ${unit}`;
}

/** Without the zeros that keep the width of a column: `1.5 GiB`, for a sentence or an axis. */
export function trimmed({ figure, unit }: Quantity): Quantity {
  return { figure: figure.includes('.') ? figure.replace(/\.?0+$/, '') : figure, unit };
}

/** Three significant digits, two decimals at most. */
export function significant(value: number): string {
  if (value >= 99.95) return value.toFixed(0);
  return value >= 9.995 ? value.toFixed(1) : value.toFixed(2);
}
