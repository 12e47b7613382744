import { guarded } from '@plimsoll/core/guarded';
import { PlimsollError } from '@plimsoll/protocol';
import type { Client } from './attach/attachments.ts';
import type { Container } from './container/container.ts';
import type { ContainerRecord } from './protocol.ts';

/** For the client of an attended container to come, or to come back to this supervisor, and read the last of its output. */
export const ATTENDED_MS = 60_000;

/** The removals of containers that go with their end (autoRemove): at once, or where a client attends one, after a while. */
export class EndedRemovals {
  /** By the id of the container. */
  readonly #later = new Map<string, NodeJS.Timeout>();
  readonly #clientOf: (id: string) => Client;
  readonly #remove: (record: Pick<ContainerRecord, 'id' | 'incarnation'>) => Promise<void>;

  /** `remove`: called when its time has come; the container may have been removed by then, or started again. */
  constructor(clientOf: (id: string) => Client, remove: (record: Pick<ContainerRecord, 'id' | 'incarnation'>) => Promise<void>) {
    this.#clientOf = clientOf;
    this.#remove = (record) => remove(record).catch(ignoreRefusal);
  }

  /** Removes it, now or later, if it has ended for good and is to go with that. While its client is attached it stays. */
  consider({ definition, record, isRestarting }: Container): void {
    const { state, id } = record;
    if (!definition.autoRemove || state.status !== 'exited' || isRestarting) return;
    const client = definition.attended === true ? this.#clientOf(id) : 'gone';
    if (client === 'attached') return this.cancel(id);
    if (client === 'gone') return void setImmediate(guarded(nameOf(id), () => this.#remove(record)));
    const leftMs = Date.parse(state.exitedAt) + ATTENDED_MS - Date.now();
    this.#removeAfter(record, Math.max(0, Math.min(leftMs, ATTENDED_MS)));
  }

  cancel(id: string): void {
    clearTimeout(this.#later.get(id));
    this.#later.delete(id);
  }

  #removeAfter(record: ContainerRecord, ms: number): void {
    this.cancel(record.id);
    const remove = async (): Promise<void> => {
      this.#later.delete(record.id);
      await this.#remove(record);
    };
    this.#later.set(record.id, setTimeout(guarded(nameOf(record.id), remove), ms).unref());
  }
}

function nameOf(id: string): string {
  return `the removal of container "${id}"`;
}

/** A removal is refused where the container runs again. */
function ignoreRefusal(error: unknown): void {
  if (!(error instanceof PlimsollError)) throw error;
}
