import { randomBytes } from 'node:crypto';
import { COMMANDS, EVENT_KINDS, eventInWords, type Verb } from '@plimsoll/protocol';
import { expect, test } from 'vitest';
import { containerRecord } from '../container-record.fixture.ts';
import { hashToken } from '../access/token.ts';
import { Registry } from '../registry.ts';
import { newEvent, type NewEvent } from './new-event.ts';
import { changesSomething } from '../commands/changes-something.ts';
import { recordCommands } from './record-commands.ts';
import { withoutSecrets } from './without-secrets.ts';

const ID = 'aaaa000000000000';
const SECRET = randomBytes(9).toString('hex');

function recorder() {
  const recorded: NewEvent[] = [];
  const registry = new Registry();
  registry.replace({ groups: [], records: [containerRecord(ID, 'web')] });
  const witness = recordCommands({ record: (events: NewEvent[]) => void recorded.push(...events) } as never, registry);
  return { recorded, registry, witness };
}

test('a command is recorded with who, from where, what and how it came out', () => {
  const { recorded, registry, witness } = recorder();
  const told = witness('container.remove', { container: 'web' }, { who: 'local' });
  registry.remove(ID);
  told({ ok: true, result: {} });
  const session = hashToken('token');
  witness(
    'container.freeze',
    { container: 'gone' },
    { who: 'user', session, address: '127.0.0.1' },
  )({
    ok: false,
    error: { code: 'not-found', message: 'there is no container "gone"', hint: '' },
  });
  expect(recorded).toMatchObject([
    {
      kind: 'command',
      subject: 'container',
      id: ID,
      name: 'web',
      group: 'acme/web',
      who: 'root',
      from: { over: 'socket', address: null },
      detail: { verb: 'container.remove', args: { container: 'web' } },
      error: null,
    },
    { id: null, name: 'gone', from: { over: 'web', address: '127.0.0.1' }, error: { code: 'not-found' } },
  ]);
  expect(recorded[1]?.who).toMatch(/^session [0-9a-f]{8}$/);
  expect(session).not.toContain(recorded[1]?.who?.slice(8));
});

test('the command of a rename is logged under the old name', () => {
  const { recorded, witness } = recorder();
  const record = containerRecord(ID, 'shop');
  witness('container.rename', { container: 'web', name: 'shop' }, { who: 'local' })({ ok: true, result: record });
  expect(recorded).toMatchObject([{ id: ID, name: 'web', detail: { args: { container: 'web', name: 'shop' } } }]);
  expect(eventInWords({ ...recorded[0]!, seq: 1 })).toBe('container.rename name=shop');
});

test('of an error the field is said, and the verb once', () => {
  const { recorded, witness } = recorder();
  const error = { code: 'bad-request', message: 'too little', hint: '', field: 'limits.memoryBytes' } as const;
  witness('container.update', { container: 'web' }, { who: 'local' })({ ok: false, error });
  expect(eventInWords({ ...recorded[0]!, seq: 1 })).toBe('container.update: limits.memoryBytes: too little');
});

test('what only reads is not recorded', () => {
  const { recorded, witness } = recorder();
  const reads = (Object.keys(COMMANDS) as Verb[]).filter((verb) => !changesSomething(verb));
  for (const verb of reads) witness(verb, {}, { who: 'local' })({ ok: true, result: [] });
  expect(recorded).toEqual([]);
  expect(reads.toSorted()).toEqual([
    'alert.list',
    'chart.history',
    'container.birth',
    'container.inspect',
    'container.isolation',
    'container.list',
    'container.stats',
    'container.top',
    'container.wait',
    'event.list',
    'group.list',
    'host.report',
    'image.list',
    'kernel.cgroup',
    'kernel.cgroups',
    'kernel.namespaces',
    'ledger.verify',
    'usage.query',
    'volume.list',
  ]);
});

test('no secret is written: not of the environment, a command line, a URL, nor of what is no command at all', () => {
  const { recorded, witness } = recorder();
  const command = [
    'app',
    `--password=${SECRET}`,
    '--api-key',
    SECRET,
    `postgres://me:${SECRET}@db/x`,
    `DB_PASSWORD=${SECRET} exec app --token "${SECRET}" --db-password ${SECRET}`,
    `curl -H 'Authorization: Bearer ${SECRET}' http://x`,
  ];
  const env = { DB_PASSWORD: SECRET, PLAIN: SECRET };
  const request = { name: 'db', command, env, labels: { 'my-token': SECRET, tier: 'one' } };
  witness('container.run', request, { who: 'local' })({
    ok: true,
    result: { ...containerRecord(ID, 'db'), env, command },
  });
  witness(
    'container.run',
    { ...request, environment: { A: SECRET } },
    { who: 'local' },
  )({
    ok: false,
    error: { code: 'bad-request', message: 'environment: unrecognized key', hint: '' },
  });
  witness('session.invite', {}, { who: 'local' })({ ok: true, result: { token: SECRET, expiresAt: '' } });
  expect(recorded).toHaveLength(3);
  expect(JSON.stringify(recorded)).not.toContain(SECRET);
  expect(recorded[0]).toMatchObject({
    id: ID,
    name: 'db',
    detail: { args: { env: ['DB_PASSWORD', 'PLAIN'], labels: { tier: 'one' } } },
  });
  expect(recorded[1]).toMatchObject({ name: 'db', detail: { args: null } });
});

test('what is long is cut', () => {
  const cut = withoutSecrets({
    command: [`${'x '.repeat(490)}postgres://me:${SECRET.repeat(9)}@db`, `password="a ${'b '.repeat(600)}`],
  });
  expect(JSON.stringify(cut)).not.toMatch(new RegExp(`${SECRET.slice(0, 6)}| b`));
  const { seccomp, command } = withoutSecrets({ seccomp: { profile: 'x'.repeat(9999) }, command: Array(300).fill('y') });
  expect(JSON.stringify(seccomp).length).toBeLessThan(1100);
  expect(command).toHaveLength(101);
});

test('no text takes long to look through', () => {
  const texts = ['a', '-', 'token', 'pass ', ' ', '=', 'a.', '://', ':', '"', '--a', 'auth-', 'bearer '].map((part) =>
    part.repeat(2000),
  );
  for (const text of texts) {
    const before = process.cpuUsage();
    withoutSecrets({ command: Array(200).fill(text) });
    // Cpu time: others on this machine do not add to it.
    expect(process.cpuUsage(before).user, text.slice(0, 10)).toBeLessThan(1_000_000);
  }
});

test('of a webhook neither its secret nor its path is kept', () => {
  const webhook = { url: 'https://hooks.example.com/services/T0/B0/xyz?key=abc', secret: 'not-to-be-seen-at-all' };
  const { recorded, witness } = recorder();
  const args = { name: 'busy', when: { kind: 'event', events: ['container'] }, webhook };
  witness('alert.create', args, { who: 'local' })({ ok: true, result: {} });
  expect(recorded[0]).toMatchObject({
    subject: 'alert',
    name: 'busy',
    detail: { args: { webhook: { url: 'https://hooks.example.com/***', secret: '***' } } },
  });
});

test('every kind has words', () => {
  for (const kind of EVENT_KINDS) {
    const words = eventInWords({ ...newEvent({ kind, subject: 'log', detail: { oldest: 0, newest: 0 } }), seq: 1 });
    expect(words, kind).not.toBe(kind === 'command' ? '' : kind);
  }
  const command = newEvent({
    kind: 'command',
    subject: 'container',
    name: 'web',
    detail: { verb: 'container.stop', args: { container: 'web', graceMs: 10, force: false, capabilities: { add: [] } } },
  });
  expect(eventInWords({ ...command, seq: 1 })).toBe('container.stop graceMs=10');
  const error = { code: 'wrong-state', message: 'it has ended' } as const;
  expect(eventInWords({ ...command, seq: 1, error })).toBe('container.stop: it has ended');
  const limits = newEvent({
    kind: 'container.limits',
    subject: 'container',
    detail: { before: { memoryBytes: 1000, pids: 1 }, after: { memoryBytes: 64 * 2 ** 20, pids: 1 } },
  });
  expect(eventInWords({ ...limits, seq: 1 })).toBe('memory 0.98 KiB → 64 MiB');
  const alike = { before: { swapBytes: 1010 * 2 ** 20 }, after: { swapBytes: 1012 * 2 ** 20 } };
  expect(eventInWords({ ...limits, seq: 1, detail: alike })).toBe('swap 1010m → 1012m');
});
