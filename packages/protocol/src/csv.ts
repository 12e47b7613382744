/** What a spreadsheet would take for a formula, and carry out (CWE-1236). */
const FORMULA = /^\s*[=+\-@]|^[\t\r]/;

/** RFC 4180. Cells that would be formulas begin with an apostrophe: what stands in them may have been typed by anybody. */
export function toCsv(rows: readonly (readonly string[])[]): string {
  return rows.map((row) => `${row.map(cell).join(',')}\r\n`).join('');
}

function cell(text: string): string {
  const harmless = FORMULA.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}
