import { closeSync, fsyncSync, linkSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { randomUUID } from 'node:crypto';
import { dirname, join } from 'node:path';
import { HostId, Instant } from '@plimsoll/protocol';
import { z } from 'zod';
import { readStored, storedText } from './stores/stored-json.ts';

/** <lib>/host.json. What a newer minor version adds is let through. */
const HostFile = z.looseObject({
  version: z.object({ major: z.literal(1), minor: z.int().min(0) }),
  id: HostId,
  createdAt: Instant,
});

/**
 * The id of this host. Where its file is missing or damaged, the first of `others` that knows it restores it; where none
 * does, there is a new one. Safe in two processes at once: both have the same id.
 */
export function openHostId(lib: string, others: readonly (() => HostId | null)[]): HostId {
  const path = join(lib, 'host.json');
  const stored = readStored(path, HostFile);
  if (stored.found === 'whole') return stored.value.id;
  const id = known(others) ?? randomUUID();
  const file: z.infer<typeof HostFile> = { version: { major: 1, minor: 0 }, id, createdAt: new Date().toISOString() };
  return createDurably(path, storedText(file)) ? id : openHostId(lib, others);
}

function known(others: readonly (() => HostId | null)[]): HostId | null {
  for (const other of others) {
    const id = HostId.safeParse(other());
    if (id.success) return id.data;
  }
  return null;
}

/** Whole on disk, or not there; false where another process has made the file meanwhile. */
function createDurably(path: string, content: string): boolean {
  const temporary = `${path}.${process.pid}.new`;
  try {
    writeFileSync(temporary, content, { mode: 0o644, flush: true });
    // link(2) refuses an existing name, which rename(2) would replace.
    linkSync(temporary, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    rmSync(temporary, { force: true });
  }
  const directory = openSync(dirname(path), 'r');
  fsyncSync(directory);
  closeSync(directory);
  return true;
}
