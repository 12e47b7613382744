import { workerData } from 'node:worker_threads';
import { openDatabase } from '../database/open.ts';
import { openOrSetAside } from '../database/set-aside.ts';
import { serveMethods } from '../database/worker.ts';
import { EventStore, type Retention } from './event-store.ts';
import { newEvent } from './new-event.ts';
import { MIGRATIONS } from './schema.ts';

export interface EventThreadData {
  path: string;
  retention: Retention;
}

/** A damaged log says so in the one that begins anew. */
function open({ path, retention }: EventThreadData): EventStore {
  const { opened, setAside } = openOrSetAside(path, () => new EventStore(openDatabase(path, MIGRATIONS, 'normal'), retention));
  if (setAside !== null) {
    opened.append({ events: [newEvent({ kind: 'log.damaged', subject: 'log', detail: { kept: setAside } })], known: [] });
  }
  return opened;
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
