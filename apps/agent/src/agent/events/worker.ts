import { workerData } from 'node:worker_threads';
import { alertMethods } from '../alerts/alert-methods.ts';
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

function open({ path, retention }: EventThreadData): EventStore {
  const openStore = (): EventStore => new EventStore(openDatabase(path, MIGRATIONS, 'normal'), retention);
  const { opened, kept } = openOrSetAside(path, openStore);
  if (kept !== null) opened.append({ events: [newEvent({ kind: 'log.damaged', subject: 'log', detail: { kept } })], known: [] });
  return opened;
}

const store = open(workerData as EventThreadData);
const alerts = alertMethods();

const methods = {
  known: () => store.known(),
  append: (batch: Parameters<EventStore['append']>[0]) => store.append(batch),
  list: (query: Parameters<EventStore['list']>[0]) => store.list(query),
  trim: (...args: Parameters<EventStore['trim']>) => store.trim(...args),
  // Another thread for alerts alone would cost more memory than all that they have to keep.
  ...alerts,
  close: () => {
    alerts.closeAlerts();
    store.close();
  },
};
export type EventMethods = typeof methods;

serveMethods(methods);
