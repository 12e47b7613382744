import { isOpen, type Alert } from '@plimsoll/protocol';
import { FrameNotifier } from './frame-notifier.ts';

/** Alerts that fire, or that nobody has said to have seen. */
export class AlertList {
  readonly notifier = new FrameNotifier();
  #open = new Map<string, Alert>();
  #disks: readonly Alert[] = [];
  #isTold = false;
  readonly #listeners = new Set<(alert: Alert) => void>();

  /** What the agent has. What came while the page was without it is new. */
  replace(alerts: readonly Alert[]): void {
    const before = this.#open;
    this.#open = new Map(alerts.map((alert) => [alert.id, alert]));
    if (this.#isTold) for (const alert of alerts) if (!before.has(alert.id)) this.#tell(alert);
    this.#isTold = true;
    this.#changed();
  }

  put(alert: Alert): void {
    const isNew = !this.#open.has(alert.id) && alert.acknowledgedAt === null && alert.count === 1;
    if (isOpen(alert)) this.#open.set(alert.id, alert);
    else this.#open.delete(alert.id);
    if (isNew) this.#tell(alert);
    this.#changed();
  }

  readonly unseen = (): number => [...this.#open.values()].filter(({ acknowledgedAt }) => acknowledgedAt === null).length;

  readonly firing = (): number => [...this.#open.values()].filter(({ until }) => until === null).length;

  /** File systems that have little left. The same array until one changes. */
  readonly disks = (): readonly Alert[] => this.#disks;

  /** Calls back with each that fires, or happens, from now on. */
  onNew(listener: (alert: Alert) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #changed(): void {
    this.#disks = [...this.#open.values()].filter(({ cause, until }) => cause.kind === 'disk' && until === null);
    this.notifier.changed();
  }

  #tell(alert: Alert): void {
    for (const listener of this.#listeners) listener(alert);
  }
}
