import type { EventQuery } from '@plimsoll/protocol';

export interface Where {
  sql: string;
  values: (string | number)[];
}

const SEARCHED = [
  'kind',
  'subject_id',
  'subject_name',
  'group_path',
  'who',
  'from_address',
  'detail',
  'error_code',
  'error_message',
];

/** A query's conditions, in SQL that every database has. Says the same as matchesEvent of the protocol. */
export function where({ kinds, subjects, subject, group, who, from, to, text, before, after }: Omit<EventQuery, 'limit'>): Where {
  const parts: Where[] = [];
  const add = (sql: string, ...values: (string | number)[]): void => void parts.push({ sql, values });
  if (kinds !== undefined) parts.push(either(kinds.map((kind) => isOrBelow('kind', kind, '.'))));
  if (subjects !== undefined) parts.push(either(subjects.map((name) => ({ sql: 'subject = ?', values: [name] }))));
  if (subject !== undefined) add('(subject_id = ? OR subject_name = ?)', subject, subject);
  if (group !== undefined) parts.push(isOrBelow('group_path', group, '/'));
  if (who !== undefined) parts.push(isOrBelow('who', who, ' '));
  if (from !== undefined) add('at >= ?', from);
  if (to !== undefined) add('at <= ?', to);
  if (text !== undefined) {
    const pattern = `%${escaped(text.toLowerCase())}%`;
    parts.push(either(SEARCHED.map((column) => ({ sql: `LOWER(${column}) LIKE ? ESCAPE '!'`, values: [pattern] }))));
  }
  if (before !== undefined) add('seq < ?', before);
  if (after !== undefined) add('seq > ?', after);
  if (parts.length === 0) return { sql: '', values: [] };
  return { sql: `WHERE ${parts.map(({ sql }) => sql).join(' AND ')}`, values: parts.flatMap(({ values }) => values) };
}

/** None of nothing. */
function either(parts: readonly Where[]): Where {
  if (parts.length === 0) return { sql: '1 = 0', values: [] };
  return { sql: `(${parts.map(({ sql }) => sql).join(' OR ')})`, values: parts.flatMap(({ values }) => values) };
}

function isOrBelow(column: string, wanted: string, divider: string): Where {
  return { sql: `(${column} = ? OR ${column} LIKE ? ESCAPE '!')`, values: [wanted, `${escaped(wanted + divider)}%`] };
}

function escaped(text: string): string {
  return text.replaceAll(/[!%_]/g, '!$&');
}
