import type { EventEmitter } from 'node:events';
import type { Alert, MetricCondition } from '@plimsoll/protocol';
import type { Registry } from '../registry.ts';
import { monotonicMs } from '../sampling/metronome.ts';
import type { Sampler } from '../sampling/sampler.ts';
import type { Alerts } from './alerts.ts';
import { figureOf } from './figure.ts';
import { deliveriesOf, newAlert } from './new-alert.ts';
import { Overrun } from './overrun.ts';
import type { Rules } from './rules.ts';
import type { StoredRule } from './stored-rule.ts';
import { subjectKey, subjectsOf, type Subject } from './subjects.ts';

/** Samples that are further apart than this many intervals have a hole between them. */
const MOST_INTERVALS = 3;

interface Watched {
  subject: Subject;
  overrun: Overrun;
  /** Null: it does not fire. */
  alert: string | null;
}

interface WatchedRule {
  rule: StoredRule;
  when: MetricCondition;
  /** By subjectKey. */
  watched: Map<string, Watched>;
}

export interface MetricWatchParts {
  rules: Rules;
  alerts: Alerts;
  registry: Registry;
  sampler: Pick<Sampler, 'figures'> & Pick<EventEmitter<{ tick: [] }>, 'on' | 'off'>;
  sampleMs: number;
  /** The monotonic clock. */
  nowMs?: () => number;
}

/** Holds the figures of each tick against the rules. Without a rule about figures no tick is listened to. */
export class MetricWatch implements Disposable {
  readonly #parts: MetricWatchParts;
  #rules: WatchedRule[] = [];
  /** What runs, or what is to be watched, has changed since the last tick. */
  #isStale = true;
  #isListening = false;
  readonly #undo: () => void;

  constructor(parts: MetricWatchParts) {
    this.#parts = parts;
    const { rules, registry } = parts;
    const stale = (): void => void (this.#isStale = true);
    const changed = (): void => {
      stale();
      this.#listen();
    };
    rules.on('changed', changed);
    const told = ['container', 'removed', 'group', 'group-removed'] as const;
    for (const name of told) registry.on(name, stale);
    this.#undo = () => {
      rules.off('changed', changed);
      for (const name of told) registry.off(name, stale);
    };
    this.#listen();
  }

  [Symbol.dispose](): void {
    this.#undo();
    this.#parts.sampler.off('tick', this.#tick);
  }

  #listen(): void {
    const { rules, alerts, sampler } = this.#parts;
    const isNeeded = rules.all.some(isOfFigures) || alerts.firing.length > 0;
    if (isNeeded === this.#isListening) return;
    this.#isListening = isNeeded;
    if (isNeeded) sampler.on('tick', this.#tick);
    else sampler.off('tick', this.#tick);
  }

  readonly #tick = (): void => {
    // Before the supervisor was heard nobody knows what runs.
    if (!this.#parts.registry.complete) return;
    if (this.#isStale) this.#refresh();
    const nowMs = (this.#parts.nowMs ?? monotonicMs)();
    for (const { rule, when, watched } of this.#rules) {
      for (const one of watched.values()) this.#look(rule, when, one, nowMs);
    }
  };

  #look(rule: StoredRule, when: MetricCondition, watched: Watched, nowMs: number): void {
    const { sampler, sampleMs } = this.#parts;
    const { subject, overrun } = watched;
    const figures = sampler.figures(subject.handle);
    const value = figures === null ? Number.NaN : figureOf(when.metric, figures);
    if (Number.isNaN(value)) return overrun.gap();
    overrun.sample(nowMs, value > when.above, MOST_INTERVALS * sampleMs);
    const { aboveMs } = overrun;
    if (watched.alert === null && aboveMs !== null && aboveMs >= when.forMs) {
      watched.alert = this.#fire(rule, when, subject, value);
    } else if (watched.alert !== null && aboveMs === null) {
      this.#end(watched.alert, 'below');
      watched.alert = null;
    }
  }

  /** Who is watched, with what is known of those who were before; what is over, since what it was of has gone, is told. */
  #refresh(): void {
    const { rules, registry, alerts } = this.#parts;
    const before = new Map(this.#rules.map((one) => [one.rule.id, one]));
    const ofFigures = alerts.firing.filter(({ cause }) => cause.kind === 'metric');
    const firing = new Map(ofFigures.map((alert) => [`${alert.rule} ${subjectKey(alert.subject)}`, alert.id]));
    this.#rules = rules.all.filter(isOfFigures).map((rule) => {
      const known = before.get(rule.id);
      const isSame = known !== undefined && known.rule.inForceSince === rule.inForceSince;
      const watched = subjectsOf(rule.when.of, registry).map((subject): [string, Watched] => {
        const key = subjectKey(subject.about);
        const overrun = (isSame ? known.watched.get(key)?.overrun : undefined) ?? new Overrun();
        const alert = firing.get(`${rule.id} ${key}`) ?? null;
        firing.delete(`${rule.id} ${key}`);
        return [key, { subject, overrun, alert }];
      });
      return { rule, when: rule.when, watched: new Map(watched) };
    });
    for (const id of firing.values()) this.#end(id, 'gone');
    this.#isStale = false;
    this.#listen();
  }

  #fire(rule: StoredRule, { metric, above, forMs }: MetricCondition, { about }: Subject, value: number): string {
    const cause = { kind: 'metric', metric, above, forMs, value } as const;
    const alert = newAlert(rule, { subject: about, cause, since: Date.now() });
    this.#parts.alerts.put(alert, { occasion: 'alert.fired', deliveries: deliveriesOf(rule, 'alert.fired', alert) });
    return alert.id;
  }

  #end(id: string, ending: NonNullable<Alert['ending']>): void {
    const { alerts, rules } = this.#parts;
    const alert = alerts.get(id);
    if (alert !== undefined) endAlert(alert, ending, alerts, rules);
  }
}

/** It fires no more. */
export function endAlert(alert: Alert, ending: NonNullable<Alert['ending']>, alerts: Alerts, rules: Rules): void {
  const over = { ...alert, until: Math.max(alert.since, Date.now()), ending };
  const rule = rules.get(alert.rule);
  const deliveries = rule === undefined ? [] : deliveriesOf(rule, 'alert.resolved', over);
  alerts.put(over, { occasion: 'alert.resolved', deliveries });
}

function isOfFigures(rule: StoredRule): rule is StoredRule & { when: MetricCondition } {
  return rule.enabled && rule.when.kind === 'metric';
}
