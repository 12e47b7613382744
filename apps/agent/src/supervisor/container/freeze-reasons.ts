import { PlimsollError, type ContainerState, type FreezeReason } from '@plimsoll/protocol';

/** What holds a container frozen: it runs when nothing does. */
export class FreezeReasons {
  /** Frozen by a verb of its own. */
  byUser = false;
  /** The file system that was nearly full while it wrote the most. */
  forDisk: string | null = null;
  /** Somebody wrote to its cgroup.freeze past Plimsoll. */
  fromOutside = false;
  /** The outermost frozen group that it is in. */
  readonly #frozenGroup: () => string | null;

  constructor(frozenGroup: () => string | null) {
    this.#frozenGroup = frozenGroup;
  }

  get byGroup(): string | null {
    return this.#frozenGroup();
  }

  /** It is frozen by a reason that its own thaw takes away. */
  get isOwn(): boolean {
    return this.byUser || this.forDisk !== null || this.fromOutside;
  }

  /** All but its group's. */
  clearOwn(): void {
    this.byUser = false;
    this.forDisk = null;
    this.fromOutside = false;
  }

  get list(): FreezeReason[] {
    const group = this.#frozenGroup();
    return [
      ...(this.byUser ? [{ by: 'user' as const }] : []),
      ...(group === null ? [] : [{ by: 'group' as const, group }]),
      ...(this.forDisk === null ? [] : [{ by: 'disk' as const, fileSystem: this.forDisk }]),
      ...(this.fromOutside ? [{ by: 'outside' as const }] : []),
    ];
  }

  /** A state of running or frozen as the reasons have it; any other, and one that says the same, as it is. */
  show(state: ContainerState, since: string): ContainerState {
    if (state.status !== 'running' && state.status !== 'frozen') return state;
    const { pid, startedAt } = state;
    const reasons = this.list;
    if (reasons.length === 0) return state.status === 'running' ? state : { status: 'running', pid, startedAt };
    if (state.status === 'running') return { status: 'frozen', pid, startedAt, frozenAt: since, reasons };
    return JSON.stringify(state.reasons) === JSON.stringify(reasons) ? state : { ...state, reasons };
  }

  /** Throws `wrong-state` where a freeze of its own would change nothing. */
  requireFreezable(name: string): void {
    if (!this.isOwn) return;
    throw new PlimsollError('wrong-state', `container "${name}" is frozen already`, { hint: 'Thaw it first.' });
  }

  /** Throws `wrong-state` where its group alone holds it, which a thaw of its own cannot change. */
  requireThawable(name: string): void {
    if (this.isOwn) return;
    throw this.#heldByGroup(`cannot thaw container "${name}" alone`);
  }

  /** Throws `wrong-state` where its group holds it and the verb needs it to run. */
  requireNotHeld(name: string, verb: string): void {
    if (this.byGroup !== null) throw this.#heldByGroup(`cannot ${verb} container "${name}"`);
  }

  #heldByGroup(what: string): PlimsollError {
    const group = this.byGroup ?? '';
    return new PlimsollError('wrong-state', `${what}: its group "${group}" is frozen, and holds it`, {
      hint: `Thaw the group: \`plimsoll group thaw ${group}\`.`,
    });
  }
}
