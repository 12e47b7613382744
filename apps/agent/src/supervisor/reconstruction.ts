import { existsSync } from 'node:fs';
import { Cgroup, isAskedToFreeze, type CgroupLayout } from '@plimsoll/core';
import { ContainerId, GroupPath, type StoreWarning } from '@plimsoll/protocol';
import { cgroupsBelow } from './clear-cgroups.ts';
import { findFirstProcess, type FoundProcess } from './find-process.ts';
import type { OpenedJournal } from './journal.ts';
import type { GroupEntry, JournalEntry } from './journal-entry.ts';
import { lostDefinition } from './lost-definition.ts';
import { isUnderWay, lastIncarnation, readPasts, type Past } from './recovery.ts';
import type { RuntimeState, Store } from './store.ts';

export interface Surroundings {
  store: Store;
  layout: CgroupLayout;
  /** Name of the cgroup root. */
  root: string;
  journalPath: string;
}

/**
 * What there was when the supervisor before ended. The journal says it; what the journal has lost, each container's own files and
 * the kernel say. Nothing of a container that exists is ever given up because an entry is missing.
 */
export class Reconstruction {
  pasts: Past[];
  readonly groups: GroupEntry[];
  /** What the journal lacks, to be written into it again. */
  readonly missing: JournalEntry[] = [];
  /** Containers of which nothing but files is left, and that were removed or never came to be. */
  readonly deletable = new Set<string>();
  readonly #around: Surroundings;
  readonly #opened: Pick<OpenedJournal, 'entries' | 'removed' | 'damage' | 'isNew'>;
  readonly #restored: string[] = [];
  readonly #lost: string[] = [];

  constructor(opened: Pick<OpenedJournal, 'entries' | 'removed' | 'damage' | 'isNew'>, around: Surroundings) {
    this.#opened = opened;
    this.#around = around;
    const named = readPasts(opened.entries);
    const cgroups = this.#cgroupsOfContainers();
    const known = new Set(named.map(({ definition }) => definition.id));
    const there = new Set([...around.store.ids, ...cgroups.keys()]);
    const unknown = [...there].filter((id) => !known.has(id));
    this.pasts = named;
    for (const id of unknown) this.#takeUp(id, cgroups.get(id) ?? null);
    this.pasts = this.pasts.filter((past) => this.#isThere(past, there));
    if (!this.isComplete) for (const past of this.pasts) this.#completeFromFiles(past);
    for (const past of this.pasts) this.#lookAtProcess(past);
    this.groups = this.#readGroups();
  }

  /** Entries may be missing: then the greatest number that a record ever had is not known. */
  get isComplete(): boolean {
    return this.#isSound && this.#restored.length + this.#lost.length === 0;
  }

  /** What a person has to know: what was damaged or lost, and what was made of what. */
  get warnings(): StoreWarning[] {
    const { damage } = this.#opened;
    const { store, journalPath } = this.#around;
    const journal = { store: 'journal of the supervisor', at: new Date().toISOString(), path: journalPath };
    const warnings: StoreWarning[] = [];
    if (damage !== null) {
      warnings.push({
        ...journal,
        problem: 'damaged',
        kept: damage.kept,
        message: `${counted(damage.stretches, 'stretch', 'stretches')} of it cannot be read; what stood there was restored from the containers' own files and the kernel`,
        hint: 'Compare `plimsoll ps` with what you expect to run. The disk may be failing: look at the kernel log.',
      });
    }
    if (this.#restored.length > 0) {
      warnings.push({
        ...journal,
        problem: 'missing',
        kept: null,
        message: `${counted(this.#restored.length, 'container')} that it did not name ${this.#restored.length === 1 ? 'was' : 'were'} restored from their own files: ${this.#restored.join(', ')}`,
        hint: 'Look whether the journal was moved away, or replaced by an older copy.',
      });
    }
    if (this.#lost.length > 0) {
      warnings.push({
        ...{ store: 'definition of containers', at: journal.at, path: store.directory, problem: 'missing', kept: null },
        message: `${counted(this.#lost.length, 'container')} without a definition ${this.#lost.length === 1 ? 'was' : 'were'} left as they are: ${this.#lost.join(', ')}`,
        hint: 'End one with `plimsoll kill ID`, or remove it with its files by `plimsoll rm -f ID`.',
      });
    }
    return warnings;
  }

  get #isSound(): boolean {
    return this.#opened.damage === null && !this.#opened.isNew;
  }

  /** One without a trace was removed: a journal that has lost entries, or is an older copy, does not know. */
  #isThere({ definition: { id } }: Past, there: ReadonlySet<string>): boolean {
    const isRemoved = this.#around.store.isBeingRemoved(id) || (!this.isComplete && !there.has(id));
    if (isRemoved) this.missing.push({ kind: 'removed', id });
    return !isRemoved;
  }

  /** Names and limits in a container's own file are as new as any. */
  #completeFromFiles(past: Past): void {
    const stored = this.#around.store.readDefinition(past.definition.id);
    if (stored === null) return;
    const { definition, limits } = stored;
    Object.assign(past, { definition: { ...definition, name: this.#freeName(definition.name, past) }, limits });
  }

  /** One that the journal does not name. */
  #takeUp(id: string, cgroup: string | null): void {
    const { store, layout } = this.#around;
    if (this.#opened.removed.has(id)) return void this.deletable.add(id);
    const stored = store.readDefinition(id);
    if (stored !== null) {
      const { definition, limits } = stored;
      const name = this.#freeName(definition.name, null, id);
      this.#restored.push(name);
      this.#add({ definition: { ...definition, name }, limits });
      return;
    }
    const process = cgroup === null ? null : findFirstProcess(new Cgroup(layout, cgroup));
    const isOfPerson = store.hasDefinition(id) || (store.ids.has(id) && !this.#isSound);
    // A creation or a start that its supervisor did not live to finish.
    if (process === null && !isOfPerson) return void this.deletable.add(id);
    this.#lost.push(id);
    this.#add({ definition: this.#lostDefinition(id, cgroup, process) });
  }

  /** Of an older journal another container may have it. */
  #freeName(name: string, own: Past | null, id = own?.definition.id ?? ''): string {
    const isTaken = this.pasts.some((past) => past !== own && past.definition.name === name);
    return isTaken ? `restored-${id}` : name;
  }

  #lostDefinition(id: string, cgroup: string | null, process: FoundProcess | null): Past['definition'] {
    const { store, root } = this.#around;
    const group = cgroup?.split('/').slice(1, -1).join('/') ?? 'default';
    return lostDefinition({ id, group, cgroupRoot: root, paths: store.paths(id), pid: process?.pid ?? null });
  }

  #add(past: Past): void {
    const { id } = past.definition;
    this.pasts.push(past);
    this.missing.push({ kind: 'created', id, definition: past.definition });
    if (past.limits !== undefined) this.missing.push({ kind: 'limits', id, limits: past.limits });
  }

  /** Its run under way: as its runtime state has it, or else as the kernel has. Its last start, where the journal lacks that. */
  #lookAtProcess(past: Past): void {
    const { store, layout, root } = this.#around;
    const { id, group } = past.definition;
    const runtime = store.readRuntimeState(id);
    if (runtime !== null && isUnderWay(past) && runtime.incarnation === past.start?.incarnation) {
      past.runtime = runtime;
      return;
    }
    this.#restoreStart(past, runtime);
    const cgroup = new Cgroup(layout, `${root}/${group}/${id}`);
    const process = findFirstProcess(cgroup);
    if (process === null) return;
    if (!isUnderWay(past)) {
      this.#setStart(past, { incarnation: lastIncarnation(past) + 1, at: process.startedAt, boot: store.bootId });
    }
    const isSame = runtime?.pid === process.pid && runtime.startTime === process.startTime;
    past.runtime = {
      bootId: store.bootId,
      incarnation: lastIncarnation(past),
      ...process,
      startedAt: past.start?.at ?? process.startedAt,
      frozenAt: isAskedToFreeze(cgroup) ? new Date().toISOString() : null,
      frozenForDisk: null,
      // Its file was of another incarnation by its number alone.
      ...(isSame && { ...runtime, incarnation: lastIncarnation(past) }),
    } satisfies RuntimeState;
    store.noteRuntimeState(id, past.runtime);
  }

  /**
   * From what was written at the start beside the journal: its number must not be given again. Where all that is lost, and
   * there was a start, the seconds since 1970 are greater than its number. A sound journal may be an older copy.
   */
  #restoreStart(past: Past, runtime: RuntimeState | null): void {
    const { store } = this.#around;
    const { id } = past.definition;
    const birth = store.readBirthNumber(id);
    const known = Math.max(runtime?.incarnation ?? 0, birth?.incarnation ?? 0, lastIncarnation(past));
    const isUnknown = known === 0 && !this.isComplete && existsSync(store.paths(id).log);
    const number = isUnknown ? Math.floor(Date.now() / 1000) : known;
    if (number <= lastIncarnation(past)) return;
    const at = runtime?.incarnation === number ? runtime.startedAt : birth?.startedAt;
    // In which boot that was is not known.
    this.#setStart(past, { incarnation: number, at: at ?? past.definition.createdAt });
    if (runtime?.incarnation === number) past.runtime = runtime;
  }

  #setStart(past: Past, start: NonNullable<Past['start']>): void {
    past.start = start;
    delete past.failed;
    // That was of the start before.
    delete past.desired;
    this.missing.push({ kind: 'start', id: past.definition.id, ...start });
  }

  #readGroups(): GroupEntry[] {
    const { entries } = this.#opened;
    const last = new Map(entries.filter((entry) => entry.kind === 'group').map((entry) => [entry.id, entry]));
    if (this.isComplete) return [...last.values()];
    for (const entry of this.#around.store.readGroups()) {
      if (JSON.stringify(last.get(entry.id)) !== JSON.stringify(entry)) this.missing.push(entry);
      last.set(entry.id, entry);
    }
    return [...last.values()];
  }

  /** By id: the paths of cgroups that are called like containers, and in a group. */
  #cgroupsOfContainers(): Map<string, string> {
    const { layout, root } = this.#around;
    const found = new Map<string, string>();
    for (const path of cgroupsBelow(layout, root)) {
      const parts = path.split('/');
      const id = parts.at(-1) ?? '';
      const isGroup = GroupPath.safeParse(parts.slice(1, -1).join('/')).success;
      if (isGroup && ContainerId.safeParse(id).success) found.set(id, path);
    }
    return found;
  }
}

function counted(number: number, one: string, several = `${one}s`): string {
  return `${number} ${number === 1 ? one : several}`;
}
