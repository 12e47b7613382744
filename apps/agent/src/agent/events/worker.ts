import { workerData } from 'node:worker_threads';
import { alertMethods } from '../alerts/alert-methods.ts';
import { openDatabase } from '../database/open.ts';
import { holdWal } from '../database/space.ts';
import { StoreFile } from '../database/store-file.ts';
import { serveMethods } from '../database/worker.ts';
import { EventStore, type Retention } from './event-store.ts';
import { newEvent } from './new-event.ts';
import { MIGRATIONS } from './schema.ts';

export interface EventThreadData {
  path: string;
  retention: Retention;
  /** The host's id. */
  host: string;
}

const KIBIBYTE = 1024;
const SPACE = { walBytes: 1024 * KIBIBYTE, freeBytes: 512 * KIBIBYTE };

const { path, retention, host } = workerData as EventThreadData;
const file = new StoreFile({
  path,
  open: (at) => new EventStore(openDatabase(at, MIGRATIONS, 'normal', SPACE), retention, host),
  close: (store, at) => {
    holdWal(at);
    store.close();
  },
  carryOver: (store, damaged, at) => {
    try {
      store.carryOver(damaged, at);
    } finally {
      const detail = { kept: damaged.kept };
      store.append({ events: [newEvent({ kind: 'log.damaged', subject: 'log', detail })], known: [] });
    }
  },
});
const alerts = alertMethods();

const methods = {
  isNew: () => file.isNew,
  known: () => file.use((store) => store.known()),
  append: (batch: Parameters<EventStore['append']>[0]) => file.use((store) => store.append(batch)),
  list: (query: Parameters<EventStore['list']>[0]) => file.use((store) => store.list(query)),
  trim: (...args: Parameters<EventStore['trim']>) => file.use((store) => store.trim(...args)),
  // Another thread for alerts alone would cost more memory than all that they have to keep.
  ...alerts,
  close: () => {
    alerts.closeAlerts();
    file.close();
  },
};
export type EventMethods = typeof methods;

serveMethods(methods);
