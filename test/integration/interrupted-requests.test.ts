import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { JournalEntry } from '../../apps/agent/src/supervisor/journal-entry.ts';
import { Journal } from '../../apps/agent/src/supervisor/journal.ts';
import type { RequestKey } from '../../apps/agent/src/supervisor/protocol.ts';
import { until } from '../support/until.ts';
import { REQUEST_DEADLINE_MS, World } from '../support/world.ts';

type Interrupted = Pick<Extract<JournalEntry, { kind: 'request' }>, 'verb' | 'subject' | 'incarnation' | 'alive'>;

const UNKNOWN = { code: 'deadline-exceeded', message: expect.stringContaining('which may have taken effect') as unknown };

let world: World;
beforeEach(async () => void (world = await World.make({ agent: false })));
afterEach(async () => await world[Symbol.asyncDispose]());

/** A supervisor killed between the entry of a request and its answer, and the next one. */
async function interrupt(...requests: Interrupted[]): Promise<RequestKey[]> {
  await world.end('supervisor');
  const { journal } = Journal.open(join(world.state.lib, 'journal.jsonl'));
  const keys: RequestKey[] = [];
  for (const request of requests) {
    const key = { id: randomBytes(16).toString('hex'), digest: randomBytes(16).toString('hex') };
    await journal.append({ kind: 'request', ...key, ...request, at: new Date().toISOString() });
    keys.push(key);
  }
  journal[Symbol.dispose]();
  await world.startSupervisor();
  return keys;
}

test('a signal is not sent again: the answer is that it may have been sent', async () => {
  const { id } = await world.run(['sh', '-c', 'trap "echo got" USR1; echo ready; while :; do sleep 0.05; done']);
  await until('it is ready', () => world.log(id).includes('ready'));
  const [key] = await interrupt({ verb: 'signal', subject: id, incarnation: 1 });
  const send = async (by?: RequestKey) => await world.link.request('signal', { id, signal: 'SIGUSR1' }, REQUEST_DEADLINE_MS, by);
  for (let i = 0; i < 2; i++) await expect(send(key)).rejects.toMatchObject(UNKNOWN);
  await send();
  await until('the last one came', () => world.log(id).includes('got'));
  expect(world.log(id).match(/got/g)).toHaveLength(1);
});

test('the kill of a group reaches nothing that was started since', async () => {
  const [a, b] = [await world.run(['sleep', '1000'], { group: 'g' }), await world.run(['sleep', '1000'], { group: 'g' })];
  const kill = async (by?: RequestKey) => await world.link.request('killGroup', { group: 'g' }, REQUEST_DEADLINE_MS, by);
  const about = { verb: 'killGroup', subject: 'g' };
  const [ended, partly, whole] = await interrupt(
    { ...about, alive: { ['c'.repeat(16)]: 1, [b.id]: 0 } },
    { ...about, alive: { [a.id]: a.incarnation } },
    { ...about, alive: { [a.id]: a.incarnation, [b.id]: b.incarnation } },
  );
  expect(await kill(ended)).toMatchObject({ killed: 2 });
  await expect(kill(partly)).rejects.toMatchObject(UNKNOWN);
  for (const { id } of [a, b]) expect(await world.record(id)).toMatchObject({ state: { status: 'running' } });
  expect(await kill(whole)).toMatchObject({ killed: 2 });
  for (const { id } of [a, b]) expect(await world.record(id)).toMatchObject({ state: { status: 'exited' } });
});

test('a restart whose start goes on already is joined, and not executed again', async () => {
  // With so little cpu time its start takes a while.
  await world.link.request('createGroup', { group: 'slow', limits: { cpus: 0.01 } }, REQUEST_DEADLINE_MS);
  const { id } = await world.run(['sleep', '1000'], { group: 'slow' });
  await world.link.request('kill', { id }, REQUEST_DEADLINE_MS);
  const [key] = await interrupt({ verb: 'restart', subject: id, incarnation: 1 });
  const started = world.link.request('start', { id }, REQUEST_DEADLINE_MS);
  await until('it starts', async () => (await world.record(id))?.state.status === 'starting');
  const restarted = await world.link.request('restart', { id, graceMs: 0 }, REQUEST_DEADLINE_MS, key);
  expect(restarted).toMatchObject({ incarnation: 2, state: { status: 'running' } });
  expect(restarted).toEqual(await started);
});
