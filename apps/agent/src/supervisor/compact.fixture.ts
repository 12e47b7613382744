import { Compaction } from './journal-compaction.ts';
import type { JournalEntry } from './journal-entry.ts';

/** What a journal of these entries keeps when it is rewritten. */
export function compact(entries: readonly JournalEntry[], now?: number): JournalEntry[] {
  const compaction = new Compaction(now);
  for (const [position, entry] of entries.entries()) compaction.note(entry, position);
  return entries.filter((entry, position) => compaction.keeps(entry, position));
}
