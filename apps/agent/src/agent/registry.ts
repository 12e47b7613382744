import { GuardedEmitter } from '@plimsoll/core/guarded';
import { PlimsollError, type ContainerMount, type ContainerView, type GroupView } from '@plimsoll/protocol';
import { notFound } from '../not-found.ts';
import type { ContainerRecord, GroupRecord } from '../supervisor/protocol.ts';

const SHORTEST_PREFIX = 4;

interface RegistryEvents {
  container: [view: ContainerView];
  removed: [view: ContainerView];
  group: [group: GroupView];
  'group-removed': [group: GroupView];
}

interface Entry {
  view: ContainerView;
  record: ContainerRecord;
}

/** The agent's mirror of what the supervisor knows, with the handles that number rows in sample frames. */
export class Registry extends GuardedEmitter<RegistryEvents> {
  readonly #entries = new Map<string, Entry>();
  readonly #idOfName = new Map<string, string>();
  readonly #groups = new Map<string, GroupView>();
  /** What containers that are being made are made of, by name. */
  readonly #reserved = new Map<string, { image: string; volumes: readonly string[] }>();
  #nextHandle = 1;
  #complete = false;

  constructor() {
    super();
    // Each log that is followed listens.
    this.setMaxListeners(0);
  }

  /** False until the supervisor has been heard once: before that an empty list would be a lie. */
  get complete(): boolean {
    return this.#complete;
  }

  get containers(): ContainerView[] {
    return Array.from(this.#entries.values(), ({ view }) => view);
  }

  get groups(): GroupView[] {
    return [...this.#groups.values()].toSorted((a, b) => (a.path < b.path ? -1 : 1));
  }

  /** Takes over the whole state; what is not in it is gone. */
  replace({ groups, records }: { groups: readonly GroupRecord[]; records: readonly ContainerRecord[] }): void {
    const present = new Set(records.map(({ id }) => id));
    for (const id of [...this.#entries.keys()]) if (!present.has(id)) this.remove(id);
    const paths = new Set(groups.map(({ path }) => path));
    for (const path of [...this.#groups.keys()]) if (!paths.has(path)) this.removeGroup(path);
    for (const group of groups) this.updateGroup(group);
    for (const record of records) this.update(record);
    this.#complete = true;
  }

  update(record: ContainerRecord): ContainerView {
    const known = this.#entries.get(record.id);
    const view = toView(record, known?.view.handle ?? this.#nextHandle++);
    this.#entries.set(record.id, { view, record });
    this.#nameIs(record, known?.record.name);
    // An answer and an event often tell of the same change: viewers hear of it once.
    if (known === undefined || JSON.stringify(known.record) !== JSON.stringify(record)) this.emit('container', view);
    return view;
  }

  #nameIs({ id, name }: ContainerRecord, before: string | undefined): void {
    if (before === name) return;
    // Where names were exchanged meanwhile it may be another's by now.
    if (before !== undefined && this.#idOfName.get(before) === id) this.#idOfName.delete(before);
    this.#idOfName.set(name, id);
  }

  remove(id: string): void {
    const entry = this.#entries.get(id);
    if (entry === undefined) return;
    this.#entries.delete(id);
    if (this.#idOfName.get(entry.view.name) === id) this.#idOfName.delete(entry.view.name);
    this.emit('removed', entry.view);
  }

  /** A group is told of before what is in it. */
  updateGroup(record: GroupRecord): GroupView {
    const known = this.#groups.get(record.path);
    const view = { ...record, handle: known?.handle ?? this.#nextHandle++ };
    this.#groups.set(record.path, view);
    if (JSON.stringify(known) !== JSON.stringify(view)) this.emit('group', view);
    return view;
  }

  removeGroup(path: string): void {
    const group = this.#groups.get(path);
    if (group === undefined) return;
    this.#groups.delete(path);
    this.emit('group-removed', group);
  }

  get(id: string): ContainerView | undefined {
    return this.#entries.get(id)?.view;
  }

  group(path: string): GroupView | undefined {
    return this.#groups.get(path);
  }

  isNameTaken(name: string): boolean {
    return this.#idOfName.has(name) || this.#reserved.has(name);
  }

  /** Holds a name, an image and volumes for a container that is being made. Throws `conflict` where the name is taken. */
  reserve(name: string, image: string, volumes: readonly string[] = []): Disposable {
    if (this.isNameTaken(name)) throw new PlimsollError('conflict', `there is a container named "${name}" already`);
    this.#reserved.set(name, { image, volumes });
    return { [Symbol.dispose]: () => void this.#reserved.delete(name) };
  }

  /** Names of the containers made, or being made, from an image. */
  usersOf(image: string): string[] {
    const made = this.containers.filter((view) => view.image === image).map(({ name }) => name);
    const inMaking = [...this.#reserved].filter(([, used]) => used.image === image).map(([name]) => name);
    return [...made, ...inMaking];
  }

  /** Names of the containers that have a volume among their mounts, or are being made so. */
  usersOfVolume(volume: string): string[] {
    const made = this.containers.filter(({ mounts }) => volumesOf(mounts).includes(volume)).map(({ name }) => name);
    const inMaking = [...this.#reserved].filter(([, { volumes }]) => volumes.includes(volume)).map(([name]) => name);
    return [...new Set([...made, ...inMaking])];
  }

  /** By id, by name, or by the beginning of an id. Throws `not-found`, or `bad-request` where several ids begin so. */
  resolve(ref: string): ContainerView {
    if (!this.#complete) throw new PlimsollError('unavailable', 'the supervisor is not there');
    const exact = this.#entries.get(ref) ?? this.#entries.get(this.#idOfName.get(ref) ?? '');
    if (exact !== undefined) return exact.view;
    const begun = ref.length < SHORTEST_PREFIX ? [] : this.containers.filter(({ id }) => id.startsWith(ref));
    if (begun.length > 1) {
      throw new PlimsollError('bad-request', `${begun.length} container ids begin with "${ref}"`, {
        hint: 'Give more digits of the id, or the name.',
      });
    }
    const [only] = begun;
    if (only === undefined) throw notFound('container', ref);
    return only;
  }
}

export function volumesOf(mounts: readonly ContainerMount[]): string[] {
  return mounts.flatMap((mount) => (mount.kind === 'volume' ? [mount.volume] : []));
}

/** A record as clients see it: where its image lies is nothing to them. */
export function toView(record: ContainerRecord, handle: number): ContainerView {
  const { imageDigest: _digest, layers: _layers, ...shared } = record;
  return { ...shared, handle };
}

/** A group's ancestors from the outermost, and itself: `acme`, `acme/web`. */
export function lineage(group: string): string[] {
  const parts = group.split('/');
  return parts.map((_, i) => parts.slice(0, i + 1).join('/'));
}
