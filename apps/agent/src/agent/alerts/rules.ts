import { randomBytes } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { GuardedEmitter } from '@plimsoll/core/guarded';
import { PlimsollError, type ChangeAlertRule, type CreateAlertRule } from '@plimsoll/protocol';
import { notFound } from '../../not-found.ts';
import type { WorkerThread } from '../database/worker-thread.ts';
import type { AlertMethods } from './alert-methods.ts';
import type { StoredRule } from './stored-rule.ts';
import type { WebhookAllowance } from './webhook-allowance.ts';

const MOST_RULES = 200;

/** `changed`: made, changed or removed; `void`: what it has found does not hold any more. */
interface RuleEvents {
  changed: [];
  void: [StoredRule];
  removed: [StoredRule];
}

/** The rules that people have made. Each change is in the file before it holds. */
export class Rules extends GuardedEmitter<RuleEvents> {
  readonly #thread: WorkerThread<AlertMethods>;
  readonly #allowance: WebhookAllowance;
  readonly #rules: Map<string, StoredRule>;
  #changing: Promise<unknown> = Promise.resolve();

  constructor(thread: WorkerThread<AlertMethods>, allowance: WebhookAllowance, loaded: readonly StoredRule[]) {
    super();
    this.#thread = thread;
    this.#allowance = allowance;
    this.#rules = new Map(loaded.map((rule) => [rule.id, rule]));
  }

  /** In the order of their making. */
  get all(): StoredRule[] {
    return [...this.#rules.values()].toSorted((a, b) => a.createdAt - b.createdAt);
  }

  get(id: string): StoredRule | undefined {
    return this.#rules.get(id);
  }

  /** By id or by name. Throws `not-found`. */
  resolve(ref: string): StoredRule {
    const found = this.#rules.get(ref) ?? this.#named(ref);
    if (found === undefined) throw notFound('alert rule', ref);
    return found;
  }

  async create({ name, enabled, when, webhook }: CreateAlertRule): Promise<StoredRule> {
    if (webhook !== null) this.#allowance.check(webhook.url);
    return await this.#inTurn(async () => {
      this.#requireFree(name);
      if (this.#rules.size >= MOST_RULES) throw new PlimsollError('too-many', `there are ${MOST_RULES} alert rules already`);
      const now = Date.now();
      const rule = { id: randomBytes(8).toString('hex'), name, enabled, when, createdAt: now, inForceSince: now, webhook };
      await this.#save(rule);
      return rule;
    });
  }

  async update({ rule: ref, webhook, ...change }: ChangeAlertRule): Promise<StoredRule> {
    if (webhook !== undefined && webhook !== null) this.#allowance.check(webhook.url);
    return await this.#inTurn(async () => {
      const before = this.resolve(ref);
      if (change.name !== undefined && change.name !== before.name) this.#requireFree(change.name);
      const { name = before.name, enabled = before.enabled, when = before.when } = change;
      const isOther = !isDeepStrictEqual(when, before.when);
      const inForceSince = isOther || (enabled && !before.enabled) ? Date.now() : before.inForceSince;
      const after = { ...before, name, enabled, when, inForceSince, webhook: webhookAfter(before, webhook) };
      await this.#save(after, isOther || !enabled);
      return after;
    });
  }

  async remove(ref: string): Promise<void> {
    await this.#inTurn(async () => {
      const rule = this.resolve(ref);
      await this.#thread.call('removeAlertRule', rule.id);
      this.#rules.delete(rule.id);
      this.emit('removed', rule);
      this.emit('changed');
    });
  }

  async #save(rule: StoredRule, isVoid = false): Promise<void> {
    await this.#thread.call('saveAlertRule', rule);
    this.#rules.set(rule.id, rule);
    if (isVoid) this.emit('void', rule);
    this.emit('changed');
  }

  #named(name: string): StoredRule | undefined {
    return this.#rules.values().find((rule) => rule.name === name);
  }

  #requireFree(name: string): void {
    if (this.#named(name) !== undefined) throw new PlimsollError('conflict', `there is an alert rule named "${name}" already`);
  }

  /** One change after the other: each looks at what the one before has left. */
  async #inTurn<T>(change: () => Promise<T>): Promise<T> {
    const changed = this.#changing.then(change);
    this.#changing = changed.catch(() => {});
    return await changed;
  }
}

function webhookAfter({ webhook: before }: StoredRule, change: ChangeAlertRule['webhook']): StoredRule['webhook'] {
  if (change === undefined) return before;
  if (change === null) return null;
  const secret = change.secret ?? before?.secret;
  if (secret === undefined) {
    throw new PlimsollError('bad-request', 'it has no secret yet', {
      field: 'webhook.secret',
      hint: 'Give one of at least 16 characters.',
    });
  }
  return { url: change.url, secret };
}
