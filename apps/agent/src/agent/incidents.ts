import { GuardedEmitter } from '@plimsoll/core/guarded';
import type { Incident } from '@plimsoll/protocol';

const KEPT = 500;

/** The newest incidents that this agent has heard of. */
export class Incidents extends GuardedEmitter<{ incident: [Incident] }> {
  readonly #recent: Incident[] = [];

  /** Oldest first. */
  get recent(): Incident[] {
    return [...this.#recent];
  }

  /** Takes what a supervisor remembers, of which some may be known: ids ascend, from one supervisor to the next too. */
  catchUp(incidents: readonly Incident[]): void {
    const newest = this.#recent.at(-1)?.id ?? 0;
    for (const incident of incidents) if (incident.id > newest) this.add(incident);
  }

  add(incident: Incident): void {
    this.#recent.push(incident);
    if (this.#recent.length > KEPT) this.#recent.shift();
    this.emit('incident', incident);
  }
}
