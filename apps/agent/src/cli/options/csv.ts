/** A line of CSV whose quotes do not fit together. The message says where. */
export class CsvError extends Error {
  override readonly name = 'CsvError';
}

/**
 * The fields of one line of CSV, as docker reads --mount (RFC 4180, Go's encoding/csv): a field that begins with a quote ends with
 * one, may have commas in it, and writes a quote as two. Throws CsvError.
 */
export function parseCsvLine(line: string): string[] {
  const fields: string[] = [];
  let at = 0;
  do {
    const { field, end } = line[at] === '"' ? quotedField(line, at) : plainField(line, at);
    fields.push(field);
    at = end + 1;
  } while (at <= line.length);
  return fields;
}

/** `end`: of the comma behind it, or of the line. */
interface Field {
  field: string;
  end: number;
}

function plainField(line: string, start: number): Field {
  const comma = line.indexOf(',', start);
  const end = comma < 0 ? line.length : comma;
  const field = line.slice(start, end);
  if (field.includes('"')) throw new CsvError(`a quote stands within ${field}: put the whole of it in quotes, "key=value"`);
  return { field, end };
}

function quotedField(line: string, start: number): Field {
  const [quoted = '"'] = /^"(?:[^"]|"")*"?/.exec(line.slice(start)) ?? [];
  const end = start + quoted.length;
  const isClosed = quoted.length > 1 && (quoted.match(/"/g)?.length ?? 0) % 2 === 0;
  if (!isClosed) throw new CsvError(`the quote before ${quoted.slice(1, 33)} is not closed`);
  if (end < line.length && line[end] !== ',') {
    throw new CsvError(`${line.slice(end, end + 32)} stands behind a closing quote; a quote inside quotes is written as ""`);
  }
  return { field: quoted.slice(1, -1).replaceAll('""', '"'), end };
}
