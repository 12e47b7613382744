import { guarded } from '@plimsoll/core/guarded';
import { PlimsollError, type ContainerView } from '@plimsoll/protocol';
import { log } from './log.ts';
import type { Registry } from './registry.ts';
import type { SupervisorLink } from './supervisor-link.ts';

/** For a client to begin to read, or to come back. */
const GRACE_MS = 10_000;
const REMOVE_DEADLINE_MS = 20_000;
/** Well within the minute for which the supervisor leaves what has ended to its reader. */
const HOLD_AGAIN_MS = 20_000;

interface Attended {
  readers: number;
  /** Until it fires the container is left to its client. */
  grace: NodeJS.Timeout | null;
}

/**
 * Containers that go when their client has read their output to the end: each is removed then, or as soon as it has ended where its
 * client is gone. What is missed here, since the agent was not there, the supervisor removes a minute after the end.
 */
export class Attendance implements Disposable {
  readonly #registry: Pick<Registry, 'get' | 'on' | 'off'>;
  readonly #supervisor: Pick<SupervisorLink, 'request'>;
  readonly #attended = new Map<string, Attended>();
  readonly #holding: NodeJS.Timeout;

  constructor(registry: Pick<Registry, 'get' | 'on' | 'off'>, supervisor: Pick<SupervisorLink, 'request'>) {
    this.#registry = registry;
    this.#supervisor = supervisor;
    registry.on('container', this.#changed).on('removed', this.#removed);
    this.#holding = setInterval(
      guarded('attended containers', () => this.#hold()),
      HOLD_AGAIN_MS,
    ).unref();
  }

  /** Gives its client some seconds to connect. */
  begin(id: string): void {
    // A container that is gone needs no removal.
    if (this.#attended.has(id) || this.#registry.get(id) === undefined) return;
    const attended: Attended = { readers: 0, grace: null };
    this.#attended.set(id, attended);
    this.#giveGrace(id, attended);
  }

  /** A client reads its output until this is disposed of. Disposal before the container's end means that the client is gone. */
  attend(id: string): Disposable {
    // Its client has come back to an agent that does not know of it.
    if (this.#registry.get(id)?.autoRemove === true) this.begin(id);
    const attended = this.#attended.get(id);
    if (attended === undefined) return { [Symbol.dispose]: () => {} };
    attended.readers += 1;
    this.#endGrace(attended);
    let isReading = true;
    return {
      [Symbol.dispose]: () => {
        if (!isReading) return;
        isReading = false;
        attended.readers -= 1;
        if (attended.readers === 0 && this.#hasEnded(id)) this.#giveGrace(id, attended);
      },
    };
  }

  /** What its client reads of one that has ended has come to its end: removes it. False: it is not attended, or runs again. */
  async finish(id: string): Promise<boolean> {
    if (!this.#attended.has(id) || !this.#hasEnded(id)) return false;
    try {
      await this.#remove(id);
      return true;
    } catch (error) {
      if (isNothingToRemove(error)) return false;
      throw error;
    }
  }

  [Symbol.dispose](): void {
    this.#registry.off('container', this.#changed).off('removed', this.#removed);
    clearInterval(this.#holding);
    for (const attended of this.#attended.values()) this.#endGrace(attended);
    this.#attended.clear();
  }

  readonly #changed = ({ id }: ContainerView): void => {
    const attended = this.#attended.get(id);
    if (attended !== undefined) this.#removeUnlessAttended(id, attended);
  };

  readonly #removed = ({ id }: ContainerView): void => {
    const attended = this.#attended.get(id);
    if (attended === undefined) return;
    this.#endGrace(attended);
    this.#attended.delete(id);
  };

  /** Extends the time for which the supervisor keeps the containers whose output is still being read. */
  #hold(): void {
    for (const [id, { readers }] of this.#attended) {
      if (readers > 0 && this.#hasEnded(id)) this.#supervisor.request('hold', { id }, REMOVE_DEADLINE_MS).catch(() => {});
    }
  }

  #giveGrace(id: string, attended: Attended): void {
    this.#endGrace(attended);
    attended.grace = setTimeout(
      guarded(`the removal of container "${id}"`, () => {
        attended.grace = null;
        this.#removeUnlessAttended(id, attended);
      }),
      GRACE_MS,
    );
  }

  #endGrace(attended: Attended): void {
    clearTimeout(attended.grace ?? undefined);
    attended.grace = null;
  }

  #removeUnlessAttended(id: string, { readers, grace }: Attended): void {
    if (readers > 0 || grace !== null || !this.#hasEnded(id)) return;
    this.#remove(id).catch((error: unknown) => {
      if (isNothingToRemove(error)) return;
      log('warn', 'a container whose client is gone is left to the supervisor to remove', { id, error });
    });
  }

  async #remove(id: string): Promise<void> {
    await this.#supervisor.request('remove', { id, force: false }, REMOVE_DEADLINE_MS);
  }

  #hasEnded(id: string): boolean {
    const status = this.#registry.get(id)?.state.status;
    return status === 'exited' || status === 'failed';
  }
}

/** It was started again, or is gone already. */
function isNothingToRemove(error: unknown): boolean {
  return error instanceof PlimsollError && (error.code === 'wrong-state' || error.code === 'not-found');
}
