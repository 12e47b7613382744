import { eventInWords, type Alert, type EventCondition, type LoggedEvent } from '@plimsoll/protocol';
import type { EventLog } from '../events/event-log.ts';
import type { Alerts } from './alerts.ts';
import { deliveriesOf, newAlert } from './new-alert.ts';
import type { Rules } from './rules.ts';
import type { StoredRule } from './stored-rule.ts';
import { isIn, subjectKey } from './subjects.ts';

/** What follows within this time of the last is the same alert, and nobody is told again. */
const QUIET_MS = 60_000;
/** As many as one question may ask for. Of more that came while no agent was there, the oldest cause no alert. */
const MOST_MISSED = 1000;

interface EventWatchParts {
  rules: Rules;
  alerts: Alerts;
  events: Pick<EventLog, 'on' | 'off' | 'list'>;
}

/** The last alert of a rule about one thing, and when it was added to. */
interface Recent {
  alert: string;
  at: number;
}

/** Holds what the log is told of against the rules. Without a rule about events none is looked at. */
export class EventWatch implements Disposable {
  readonly #parts: EventWatchParts;
  #rules: RuleOfEvents[] = [];
  readonly #recent = new Map<string, Recent>();
  #last = 0;
  /** What came before those that were missed had been asked for. */
  #early: LoggedEvent[] | null = [];
  readonly #changed = (): void => void (this.#rules = this.#parts.rules.all.filter(isOfEvents));

  constructor(parts: EventWatchParts) {
    this.#parts = parts;
    parts.rules.on('changed', this.#changed);
    this.#changed();
    parts.events.on('event', this.#take);
  }

  /** What was logged after `seen`, the last that led to an alert, and was not looked at for want of an agent. */
  async catchUp(seen: number): Promise<void> {
    const isNeeded = this.#rules.length > 0;
    const { events } = isNeeded ? await this.#parts.events.list({ after: seen, limit: MOST_MISSED }) : { events: [] };
    const early = this.#early ?? [];
    this.#early = null;
    for (const event of [...events.toReversed(), ...early]) this.#take(event);
  }

  [Symbol.dispose](): void {
    this.#parts.rules.off('changed', this.#changed);
    this.#parts.events.off('event', this.#take);
  }

  readonly #take = (event: LoggedEvent): void => {
    if (this.#early !== null) return void (this.#rules.length > 0 && this.#early.push(event));
    if (event.seq <= this.#last) return;
    this.#last = event.seq;
    for (const rule of this.#rules) if (matches(rule, event)) this.#found(rule, event);
  };

  #found(rule: RuleOfEvents, event: LoggedEvent): void {
    const { alerts } = this.#parts;
    const { subject: kind, id, name, group, seq, at } = event;
    const subject = { kind, id, name, group };
    const key = `${rule.id} ${event.kind} ${subjectKey(subject)}`;
    const recent = this.#recent.get(key);
    const last = recent === undefined ? undefined : alerts.get(recent.alert);
    this.#recent.delete(key);
    if (last !== undefined && recent !== undefined && Math.abs(at - recent.at) < QUIET_MS) {
      alerts.put({ ...last, count: last.count + 1 }, { seen: seq });
      this.#recent.set(key, { alert: last.id, at });
      return;
    }
    const cause = { kind: 'event', event: event.kind, seq, words: eventInWords(event) } as const;
    const alert: Alert = newAlert(rule, { subject, cause, since: at, until: at, ending: 'moment' });
    alerts.put(alert, { occasion: 'alert.fired', deliveries: deliveriesOf(rule, 'alert.fired', alert), seen: seq });
    this.#remember(key, { alert: alert.id, at });
  }

  /** Those that are too old to be added to are let go of. */
  #remember(key: string, recent: Recent): void {
    this.#recent.set(key, recent);
    for (const [oldest, { at }] of this.#recent) {
      if (Math.abs(recent.at - at) < QUIET_MS) break;
      this.#recent.delete(oldest);
    }
  }
}

/** Nothing about alerts, their commands among it: whoever looks at an alert would cause the next. */
function matches({ when, inForceSince }: RuleOfEvents, event: LoggedEvent): boolean {
  if (event.subject === 'alert' || event.at < inForceSince) return false;
  const family = event.kind.split('.', 1)[0] ?? '';
  if (!when.events.some((kind) => kind === event.kind || kind === family)) return false;
  if (when.of === null) return true;
  if (when.of.kind === 'group') return isIn(event.group, when.of.group);
  return event.subject === 'container' && (event.id === when.of.container || event.name === when.of.container);
}

type RuleOfEvents = StoredRule & { when: EventCondition };

function isOfEvents(rule: StoredRule): rule is RuleOfEvents {
  return rule.enabled && rule.when.kind === 'event';
}
