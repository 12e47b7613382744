import { closeSync, fsyncSync, linkSync, openSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createHash, randomUUID } from 'node:crypto';
import { dirname, join } from 'node:path';
import { logFault } from '@plimsoll/core/guarded';
import { HostId, Instant } from '@plimsoll/protocol';
import { z } from 'zod';
import { writeFailure } from './disk-failure.ts';
import { readStored, storedText } from './stores/stored-json.ts';
import { releaseStep, reservePath, withRoom } from './supervisor/reserve.ts';

/** <lib>/host.json. What a newer minor version adds is let through. */
const HostFile = z.looseObject({
  version: z.object({ major: z.literal(1), minor: z.int().min(0) }),
  id: HostId,
  createdAt: Instant,
});

/**
 * The id of this host. Where its file is missing or damaged, the first of `others` that knows it restores it; where none
 * does, there is a new one. Safe in two processes at once: both have the same id. On a disk that takes no file it holds until the next
 * boot, unless one of `others` keeps it.
 */
export function openHostId(lib: string, others: readonly (() => HostId | null)[]): HostId {
  const path = join(lib, 'host.json');
  const stored = readStored(path, HostFile);
  if (stored.found === 'whole') return stored.value.id;
  const before = known(others);
  const id = before ?? randomUUID();
  const file: z.infer<typeof HostFile> = { version: { major: 1, minor: 0 }, id, createdAt: new Date().toISOString() };
  const reserve = { makeRoom: () => releaseStep(reservePath({ lib })) };
  try {
    return withRoom(reserve, () => createDurably(path, storedText(file))) ? id : openHostId(lib, others);
  } catch (error) {
    if (writeFailure(error) === null) throw error;
    logFault('the id of this host cannot be written', error);
    return before ?? idOfThisBoot(lib);
  }
}

/** The same in each process, without a file: of the boot id, which is random, and of the directory. RFC 9562, version 8. */
function idOfThisBoot(lib: string): HostId {
  const { dev, ino } = statSync(lib);
  const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  const digest = createHash('sha256').update(`${boot} ${dev} ${ino}`).digest('hex');
  const parts = [
    digest.slice(0, 8),
    digest.slice(8, 12),
    `8${digest.slice(13, 16)}`,
    `8${digest.slice(17, 20)}`,
    digest.slice(20, 32),
  ];
  return HostId.parse(parts.join('-'));
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
    writeFileSync(temporary, content, { mode: 0o600, flush: true });
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
