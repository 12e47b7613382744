import type { Incident } from '@plimsoll/protocol';
import { isInGroup } from '../lib/group-state.ts';
import { FrameNotifier } from './frame-notifier.ts';

/** More than the agent remembers: a page that stays open sees further back. */
const MOST = 2000;

/** What the kernel told of containers, oldest first. */
export class IncidentList {
  readonly notifier = new FrameNotifier();
  #incidents: readonly Incident[] = [];
  readonly #listeners = new Set<(incident: Incident) => void>();

  /** Of one container, or of a group and all that is in it; oldest first. */
  about(what: { container: string } | { group: string }): readonly Incident[] {
    return this.#incidents.filter((incident) =>
      'container' in what ? incident.container === what.container : isInGroup(incident.group, what.group),
    );
  }

  /** What the agent remembers. What this page knows from before that stays, unless it is told of again. */
  replace(incidents: readonly Incident[]): void {
    const told = new Set(incidents.map(keyOf));
    this.#set([...this.#incidents.filter((incident) => !told.has(keyOf(incident))), ...incidents]);
  }

  add(incident: Incident): void {
    const key = keyOf(incident);
    if (this.#incidents.some((known) => keyOf(known) === key)) return;
    this.#set([...this.#incidents, incident]);
    for (const listener of this.#listeners) listener(incident);
  }

  /** Calls back with each that happens from now on. */
  onNew(listener: (incident: Incident) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #set(incidents: readonly Incident[]): void {
    this.#incidents = incidents.toSorted((a, b) => Date.parse(a.at) - Date.parse(b.at) || a.id - b.id).slice(-MOST);
    this.notifier.changed();
  }
}

/** Ids begin anew with each supervisor. */
function keyOf({ id, at }: Incident): string {
  return `${id} ${at}`;
}
