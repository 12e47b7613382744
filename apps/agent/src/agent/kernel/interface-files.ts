import { readdirSync } from 'node:fs';
import { hierarchiesOf, readStart, type CgroupLayout } from '@plimsoll/core';
import type { HostCgroupDetail } from '@plimsoll/protocol';

/** A file that fills this has more than a line to say. */
const MOST_BYTES = 4096;
/** Lists of processes, and of every slab cache: long, and dear to make. */
const LISTS = /^tasks$|\.(?:procs|threads|slabinfo)$/;

/** What its interface files read that say one line, each name once: several v1 hierarchies have some in common. */
export function interfaceFiles(layout: CgroupLayout, path: string): HostCgroupDetail['files'] {
  const reads = new Map<string, string>();
  for (const { mount } of hierarchiesOf(layout)) {
    const directory = `${mount}/${path}`;
    for (const file of filesIn(directory)) {
      if (reads.has(file) || LISTS.test(file)) continue;
      const line = oneLine(readStart(`${directory}/${file}`, MOST_BYTES));
      if (line !== null) reads.set(file, line);
    }
  }
  return Array.from(reads, ([file, line]) => ({ file, reads: line }));
}

function filesIn(directory: string): string[] {
  try {
    const entries = readdirSync(directory, { withFileTypes: true });
    return entries.flatMap((entry) => (entry.isFile() ? [entry.name] : [])).toSorted();
  } catch {
    return [];
  }
}

/** Null for what was not read whole, says nothing, or more than a line. */
function oneLine(text: string | null): string | null {
  if (text === null || text === '' || Buffer.byteLength(text) >= MOST_BYTES) return null;
  const line = text.endsWith('\n') ? text.slice(0, -1) : text;
  return line.includes('\n') ? null : line;
}
