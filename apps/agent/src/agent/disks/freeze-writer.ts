import { errorInWords, PlimsollError } from '@plimsoll/protocol';
import { log } from '../log.ts';
import type { SupervisorLink } from '../supervisor-link.ts';
import type { DiskWatch } from './disk-watch.ts';

const FREEZE_DEADLINE_MS = 10_000;

/**
 * Freezes the container that grew the most on a file system that is nearly full, at each look one, until there is room, or containers make up no
 * large part of what it grows by.
 * Each stays frozen until somebody thaws it: it is frozen again where it goes on to fill the disk.
 */
export function freezeWriters(watch: DiskWatch, supervisor: Pick<SupervisorLink, 'request'>): void {
  let isFreezing = false;
  watch.on('crowded', ({ path, filler: writer }) => {
    if (writer === null || isFreezing) return;
    isFreezing = true;
    void supervisor
      .request('freeze', { id: writer.id, because: { fileSystem: path } }, FREEZE_DEADLINE_MS)
      .then(() =>
        log('warn', 'a container is frozen: it writes the most to a file system that is nearly full', { path, ...writer }),
      )
      .catch((error: unknown) => {
        // It may have ended meanwhile; the next look finds out.
        const why = error instanceof PlimsollError ? errorInWords(error) : String(error);
        log('warn', 'a container that fills a file system cannot be frozen', { path, ...writer, why });
      })
      .finally(() => (isFreezing = false));
  });
}
