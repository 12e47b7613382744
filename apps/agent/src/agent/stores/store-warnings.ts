import { GuardedEmitter } from '@plimsoll/core/guarded';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { StoreWarning } from '@plimsoll/protocol';
import type { StateRoot } from '../../state-root.ts';
import type { EventLog } from '../events/event-log.ts';
import { newEvent } from '../events/new-event.ts';
import { log } from '../log.ts';
import { keptFiles, type KeptFile } from './kept-files.ts';
import { kindOf } from './store-kinds.ts';

const WARNING = 'store-warning';
/** Of what was missing: there is no file whose removal would end the warning. */
const MISSING_SHOWN_MS = 7 * 86_400_000;

/**
 * Warnings of state files that were damaged or missing, each with its event. They are derived from the files that were set aside, so that none is
 * lost by a kill, whichever process has found the damage; a warning ends when its file is removed.
 */
export class StoreWarnings extends GuardedEmitter<{ changed: [StoreWarning[]] }> {
  readonly #events: EventLog;
  readonly #state: Pick<StateRoot, 'lib' | 'run'>;

  constructor(events: EventLog, state: Pick<StateRoot, 'lib' | 'run'>) {
    super();
    this.#events = events;
    this.#state = state;
    this.look();
  }

  /** The oldest first. */
  get list(): StoreWarning[] {
    return [...this.#known().values()].toSorted((a, b) => Date.parse(a.at) - Date.parse(b.at));
  }

  /** Looks which files were set aside, and which of them are gone. */
  look(): void {
    for (const [key, { kept, at }] of this.#known()) {
      const isOver = kept === null ? Date.now() - Date.parse(at) > MISSING_SHOWN_MS : !existsSync(kept);
      if (isOver) this.#events.record([], [`${WARNING} ${key}`, null]);
    }
    const known = this.#known();
    for (const file of keptFiles(this.#state)) if (!known.has(file.kept)) this.#damaged(file);
    this.emit('changed', this.list);
  }

  /** `file`: below `lib`. */
  missing(file: string): void {
    const { store, missing: message } = kindOf(file);
    const at = new Date().toISOString();
    const path = join(this.#state.lib, file);
    this.#warn(path, {
      store,
      problem: 'missing',
      at,
      path,
      kept: null,
      message,
      hint: 'Restore it from a backup where you have one.',
    });
  }

  /** What the supervisor has found when it began, which it repeats with each connection. A damaged file that it has kept is found here too. */
  ofSupervisor(warnings: readonly StoreWarning[]): void {
    for (const warning of warnings) {
      const key = warning.kept ?? `${warning.path} ${warning.at}`;
      if (!this.#known().has(key)) this.#warn(key, warning);
    }
  }

  #damaged({ file, path, kept, atMs }: KeptFile): void {
    const { store, damaged: message } = kindOf(file);
    const hint = 'Remove the damaged file when you do not need it any more: the warning ends with the next start.';
    this.#warn(kept, { store, problem: 'damaged', at: new Date(atMs).toISOString(), path, kept, message, hint });
  }

  #warn(key: string, warning: StoreWarning): void {
    const { store, problem, at, path, kept, message } = warning;
    log('error', `a state file was ${problem}`, { store, path, kept, message });
    const event = newEvent({
      kind: `store.${problem}`,
      subject: 'host',
      name: store,
      at: Date.parse(at),
      detail: { path, kept, message },
      once: `${WARNING} ${key} ${at}`,
    });
    // The log's own thread has recorded its own already, as the first event of the new log.
    const events = problem === 'damaged' && path.endsWith('/events.db') ? [] : [event];
    this.#events.record(events, [`${WARNING} ${key}`, warning]);
    this.emit('changed', this.list);
  }

  #known(): Map<string, StoreWarning> {
    const known = new Map<string, StoreWarning>();
    for (const key of this.#events.knownOf(WARNING)) {
      const warning = StoreWarning.safeParse(this.#events.known(`${WARNING} ${key}`));
      if (warning.success) known.set(key, warning.data);
    }
    return known;
  }
}
