import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkedLine, readCheckedLine } from '../../apps/agent/src/supervisor/checked-line.ts';

interface Entry {
  kind: string;
  id?: string;
}

const pathIn = (lib: string): string => join(lib, 'journal.jsonl');

/** The entries of a supervisor's journal as they stand in it, the version's own line among them. */
export function journalEntries<T extends Entry = Entry>(lib: string): T[] {
  const lines = readFileSync(pathIn(lib), 'utf8')
    .replace(/\0[^]*$/, '')
    .split('\n')
    .filter(Boolean);
  return lines.map((line) => JSON.parse(readCheckedLine(line)?.json ?? line) as T);
}

/** Of a supervisor that does not run. */
export function changeJournal<T extends Entry>(lib: string, change: (entry: T) => T): void {
  const lines = journalEntries<T>(lib).map((entry) => checkedLine(JSON.stringify(change(entry))));
  writeFileSync(pathIn(lib), Buffer.concat([...lines, Buffer.alloc(1)]));
}
