import { renameSync } from 'node:fs';
import { workerData } from 'node:worker_threads';
import { openDatabase } from '../database/open.ts';
import { serveMethods } from '../database/worker.ts';
import { EventStore, type Retention } from './event-store.ts';
import { newEvent } from './new-event.ts';
import { MIGRATIONS } from './schema.ts';

export interface EventThreadData {
  path: string;
  retention: Retention;
}

/** SQLITE_CORRUPT and SQLITE_NOTADB (sqlite.org/rescode.html). */
const DAMAGED = [11, 26];

/** A damaged log is set aside, so that what happens from now on is not lost as well. */
function open({ path, retention }: EventThreadData): EventStore {
  const openStore = (): EventStore => new EventStore(openDatabase(path, MIGRATIONS, 'normal'), retention);
  try {
    return openStore();
  } catch (error) {
    const code = error instanceof Error && 'errcode' in error ? Number(error.errcode) : 0;
    if (!DAMAGED.includes(code & 0xff)) throw error;
    const kept = `${path}.damaged-${Date.now()}`;
    renameSync(path, kept);
    for (const suffix of ['-wal', '-shm']) {
      try {
        renameSync(path + suffix, kept + suffix);
      } catch {
        // There need not be one.
      }
    }
    const store = openStore();
    store.append({ events: [newEvent({ kind: 'log.damaged', subject: 'log', detail: { kept } })], known: [] });
    return store;
  }
}

const store = open(workerData as EventThreadData);

const methods = {
  known: () => store.known(),
  append: (batch: Parameters<EventStore['append']>[0]) => store.append(batch),
  list: (query: Parameters<EventStore['list']>[0]) => store.list(query),
  trim: (now: number) => store.trim(now),
  close: () => store.close(),
};
export type EventMethods = typeof methods;

serveMethods(methods);
