import { EventEmitter } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateAlertRule, type AlertCondition, type LoggedEvent } from '@plimsoll/protocol';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { containerRecord, groupRecord, RUNNING } from '../container-record.fixture.ts';
import { EventLog } from '../events/event-log.ts';
import { newEvent } from '../events/new-event.ts';
import { Registry } from '../registry.ts';
import { emptyFigures, type Figures } from '../sampling/figures.ts';
import { startAlerting, type Alerting } from './alerting.ts';
import { MetricWatch } from './metric-watch.ts';
import { WebhookAllowance } from './webhook-allowance.ts';

const FOREVER = { ageMs: 86_400_000, rows: 10_000 };
const HOST = '3f0e8a52-7c1d-4b0e-9a61-0d5c2f4b7e90';
const SAMPLE_MS = 1000;
const WEB = '0000000000000001';
const DB = '0000000000000002';

/** Figures that a test gives, by handle. */
class GivenSampler extends EventEmitter<{ tick: [] }> {
  readonly given = new Map<number, Partial<Figures>>();

  figures(handle: number): Figures | null {
    const figures = this.given.get(handle);
    return figures === undefined ? null : { ...emptyFigures(), ...figures };
  }
}

let directory: string;
let events: EventLog;
let alerting: Alerting;
let registry: Registry;
let sampler: GivenSampler;
let clockMs: number;
let owned: AsyncDisposableStack;

async function open(): Promise<void> {
  owned = new AsyncDisposableStack();
  events = owned.use(await EventLog.open(join(directory, 'events.db'), FOREVER, HOST));
  registry = new Registry();
  sampler = new GivenSampler();
  // Of its own no ticks come to it: those that a test makes are the other's, whose clock is the test's.
  const idle = new GivenSampler() as never;
  const parts = { lib: directory, events, registry, sampleMs: SAMPLE_MS };
  alerting = owned.use(await startAlerting({ ...parts, sampler: idle, allowance: WebhookAllowance.parse('', '') }));
  const { rules, alerts } = alerting;
  owned.use(new MetricWatch({ rules, alerts, registry, sampler, sampleMs: SAMPLE_MS, nowMs: () => clockMs }));
  registry.replace({
    groups: [groupRecord('acme'), groupRecord('acme/web')],
    records: [containerRecord(WEB, 'web', { state: RUNNING }), containerRecord(DB, 'db', { state: RUNNING })],
  });
}

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'plim-alerts-'));
  clockMs = 0;
  await open();
});
afterEach(async () => {
  await owned.disposeAsync();
  rmSync(directory, { recursive: true });
});

const handleOf = (id: string): number => registry.get(id)!.handle;
/** A tick in which they have these figures; null: no reading. */
function tick(figures: Record<string, number | null>): void {
  clockMs += SAMPLE_MS;
  for (const [id, cpuCores] of Object.entries(figures)) {
    if (cpuCores === null) sampler.given.delete(handleOf(id));
    else sampler.given.set(handleOf(id), { cpuCores });
  }
  sampler.emit('tick');
}

const busy = (more: object = {}) =>
  ({
    kind: 'metric',
    metric: 'cpu',
    of: { kind: 'container', container: 'web' },
    above: 1,
    forMs: 2000,
    ...more,
  }) as AlertCondition;
const make = async (when: AlertCondition, name = 'busy') => await alerting.rules.create(CreateAlertRule.parse({ name, when }));
const states = () =>
  alerting.alerts.all.map(({ subject, until, ending }) => `${subject.name} ${until === null ? 'fires' : ending}`).toReversed();
const logged = async (): Promise<LoggedEvent[]> => {
  await alerting.alerts.acknowledge([]);
  return (await events.list({ kinds: ['alert'], limit: 100 })).events.toReversed();
};

describe('a figure over a threshold', () => {
  test('fires once when it has been above for long enough, is over once, and may fire again', async () => {
    await make(busy());
    tick({ [WEB]: 2, [DB]: 5 });
    tick({ [WEB]: 2 });
    expect(states()).toEqual([]);
    tick({ [WEB]: 1.5 });
    tick({ [WEB]: 3 });
    expect(states()).toEqual(['web fires']);
    expect(alerting.alerts.all[0]?.cause).toMatchObject({ value: 1.5, above: 1 });
    tick({ [WEB]: 1 });
    tick({ [WEB]: 0 });
    expect(states()).toEqual(['web below']);
    for (let i = 0; i < 3; i++) tick({ [WEB]: 2 });
    expect(states()).toEqual(['web below', 'web fires']);
    expect((await logged()).map(({ kind }) => kind)).toEqual(['alert.fired', 'alert.resolved', 'alert.fired']);
  });

  test('neither fires nor is over for want of samples', async () => {
    await make(busy());
    tick({ [WEB]: 2 });
    for (let i = 0; i < 5; i++) tick({ [WEB]: null });
    tick({ [WEB]: 2 });
    tick({ [WEB]: 2 });
    expect(states()).toEqual([]);
    tick({ [WEB]: 2 });
    expect(states()).toEqual(['web fires']);
    for (let i = 0; i < 5; i++) tick({ [WEB]: null });
    expect(states()).toEqual(['web fires']);
  });

  test('is each one’s own, and over when that ends', async () => {
    await make(busy({ of: { kind: 'every-container', group: 'acme' }, forMs: 0 }));
    await make(busy({ of: { kind: 'every-container', group: 'other' }, forMs: 0 }), 'elsewhere');
    tick({ [WEB]: 2, [DB]: 2 });
    expect(states().toSorted()).toEqual(['db fires', 'web fires']);
    registry.update(
      containerRecord(WEB, 'web', {
        state: {
          status: 'exited',
          startedAt: RUNNING.startedAt,
          exitedAt: RUNNING.startedAt,
          exitCode: 0,
          signal: null,
          oomKilled: false,
        },
      } as never),
    );
    tick({ [DB]: 2 });
    expect(states().toSorted()).toEqual(['db fires', 'web gone']);
  });

  test('is of a group itself', async () => {
    await make(busy({ of: { kind: 'every-group' }, forMs: 0 }));
    sampler.given.set(registry.group('acme')!.handle, { cpuCores: 4 });
    tick({ [WEB]: 0.5 });
    expect(states()).toEqual(['acme fires']);
  });

  test('is over when its rule is changed, switched off or removed; without one no tick is listened to', async () => {
    expect(sampler.listenerCount('tick')).toBe(0);
    const rule = await make(busy({ forMs: 0 }));
    expect(sampler.listenerCount('tick')).toBe(1);
    tick({ [WEB]: 2 });
    await alerting.rules.update({ rule: 'busy', name: 'very busy' });
    expect(states()).toEqual(['web fires']);
    await alerting.rules.update({ rule: rule.id, when: busy({ forMs: 0, above: 1.5 }) });
    expect(states()).toEqual(['web rule']);
    tick({ [WEB]: 2 });
    await alerting.rules.update({ rule: rule.id, enabled: false });
    expect(states()).toEqual(['web rule', 'web rule']);
    expect(sampler.listenerCount('tick')).toBe(0);
    await alerting.rules.update({ rule: rule.id, enabled: true });
    tick({ [WEB]: 2 });
    await alerting.rules.remove(rule.id);
    expect(states()).toEqual(['web rule', 'web rule', 'web rule']);
    expect(sampler.listenerCount('tick')).toBe(0);
  });

  test('is the same alert to the next agent', async () => {
    await make(busy());
    for (let i = 0; i < 3; i++) tick({ [WEB]: 2 });
    await logged();
    const [before] = alerting.alerts.all;
    await owned.disposeAsync();
    await open();
    expect(alerting.alerts.all).toEqual([before]);
    tick({ [WEB]: null });
    for (let i = 0; i < 5; i++) tick({ [WEB]: 2 });
    expect(alerting.alerts.all).toEqual([before]);
    tick({ [WEB]: 0 });
    expect(states()).toEqual(['web below']);
    expect((await logged()).map(({ kind }) => kind)).toEqual(['alert.fired', 'alert.resolved']);
  });
});

describe('an event', () => {
  const about = { subject: 'container', id: WEB, name: 'web', group: 'acme/web' } as const;
  const oom = (more: object = {}) => newEvent({ kind: 'incident.oom-kill', ...about, detail: { count: 1 }, ...more });
  const record = async (...happened: ReturnType<typeof newEvent>[]) => {
    events.record(happened);
    await events.list({ limit: 1 });
    await logged();
  };

  test('fires a rule for it, its family or its group, and what follows at once is the same alert', async () => {
    await make({ kind: 'event', events: ['incident'], of: { kind: 'group', group: 'acme' } });
    await record(
      oom(),
      oom(),
      oom({ id: DB, name: 'db' }),
      oom({ group: 'acme-other' }),
      newEvent({ kind: 'container.exited', ...about }),
    );
    expect(alerting.alerts.all.map(({ subject, count }) => [subject.name, count])).toEqual([
      ['db', 1],
      ['web', 2],
    ]);
    await record(oom({ at: Date.now() + 120_000 }));
    expect(alerting.alerts.all).toHaveLength(3);
    expect(await logged()).toHaveLength(3);
  });

  test('of alerts, or of a command about them, fires nothing', async () => {
    expect(() => CreateAlertRule.parse({ name: 'x', when: { kind: 'event', events: ['alert.fired'] } })).toThrow(/about alerts/);
    await make({ kind: 'event', events: ['command'], of: null });
    const command = newEvent({ kind: 'command', subject: 'alert', name: 'busy', detail: { verb: 'alert.acknowledge' } });
    await record(command, { ...command, subject: 'host' });
    expect(alerting.alerts.all.map(({ subject }) => subject.kind)).toEqual(['host']);
  });

  test('from before the rule fires nothing; what came while no agent looked on fires once', async () => {
    await make({ kind: 'event', events: ['incident.oom-kill'], of: null });
    await record(oom({ at: Date.now() - 60_000 }));
    expect(alerting.alerts.all).toEqual([]);
    await record(oom());
    await alerting[Symbol.asyncDispose]();
    events.record([oom({ id: DB, name: 'db' })]);
    await owned.disposeAsync();
    await open();
    expect(states()).toEqual(['web moment', 'db moment']);
    await owned.disposeAsync();
    await open();
    expect(states()).toEqual(['web moment', 'db moment']);
  });
});

test('rules are in a file of root’s alone, with their secrets; a damaged one is set aside, and what can be read of it is in the next', async () => {
  const webhook = { url: 'https://example.com/', secret: '0123456789abcdef' };
  const rule = await alerting.rules.create(CreateAlertRule.parse({ name: 'busy', when: busy(), webhook }));
  await expect(make(busy())).rejects.toMatchObject({ code: 'conflict' });
  for (const name of readdirSync(directory).filter((entry) => entry.startsWith('alerts.db'))) {
    expect(statSync(join(directory, name)).mode & 0o777, name).toBe(0o600);
  }
  await owned.disposeAsync();
  await open();
  expect(alerting.rules.all).toEqual([rule]);
  await alerting.rules.update({ rule: 'busy', webhook: { url: 'https://example.com/other' } });
  expect(alerting.rules.get(rule.id)?.webhook).toEqual({ ...webhook, url: 'https://example.com/other' });
  await owned.disposeAsync();
  const bytes = readFileSync(join(directory, 'alerts.db'));
  writeFileSync(join(directory, 'alerts.db'), bytes.fill(0, 0, 100));
  await open();
  expect(alerting.rules.all).toMatchObject([{ name: 'busy', webhook: { url: 'https://example.com/other' } }]);
  await owned.disposeAsync();
  writeFileSync(join(directory, 'alerts.db'), 'this is no database at all, and long enough to be looked at as one'.repeat(100));
  await open();
  expect(alerting.rules.all).toEqual([]);
  expect(readdirSync(directory).some((name) => name.startsWith('alerts.db.damaged-'))).toBe(true);
});
