import { workerData } from 'node:worker_threads';
import { alertMethods } from '../alerts/alert-methods.ts';
import { openDatabase } from '../database/open.ts';
import { holdWal } from '../database/space.ts';
import { openOrSetAside } from '../database/set-aside.ts';
import { serveMethods } from '../database/worker.ts';
import { EventStore, type Retention } from './event-store.ts';
import { newEvent } from './new-event.ts';
import { MIGRATIONS } from './schema.ts';

export interface EventThreadData {
  path: string;
  retention: Retention;
}

const KIBIBYTE = 1024;
const SPACE = { walBytes: 1024 * KIBIBYTE, freeBytes: 512 * KIBIBYTE };

function open({ path, retention }: EventThreadData): EventStore {
  const openStore = (): EventStore => new EventStore(openDatabase(path, MIGRATIONS, 'normal', SPACE), retention);
  const { opened, kept } = openOrSetAside(path, openStore);
  if (kept !== null) opened.append({ events: [newEvent({ kind: 'log.damaged', subject: 'log', detail: { kept } })], known: [] });
  return opened;
}

const data = workerData as EventThreadData;
const store = open(data);
const alerts = alertMethods();

const methods = {
  known: () => store.known(),
  append: (batch: Parameters<EventStore['append']>[0]) => store.append(batch),
  list: (query: Parameters<EventStore['list']>[0]) => store.list(query),
  trim: (now: number) => store.trim(now),
  // Another thread for alerts alone would cost more memory than all that they have to keep.
  ...alerts,
  close: () => {
    alerts.closeAlerts();
    holdWal(data.path);
    store.close();
  },
};
export type EventMethods = typeof methods;

serveMethods(methods);
