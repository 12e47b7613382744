import { beforeAll, expect, test } from 'vitest';
import type { AgentClient } from '../../apps/agent/src/client/agent-client.ts';
import { ATTENDED_MS } from '../../apps/agent/src/supervisor/ended-removals.ts';
import { changeJournal } from '../support/journal.ts';
import { until } from '../support/until.ts';
import { REQUEST_DEADLINE_MS, World } from '../support/world.ts';

let world: World;
let client: AgentClient;
beforeAll(async () => {
  world = await World.shared();
  client = await world.client();
});

test('an attended container stays after its end until its client removes it; one that is not goes', async () => {
  const command = ['/bin/sh', '-c', 'exit 3'];
  const { id } = await client.command('container.run', { command, autoRemove: true, attended: true });
  const other = await client.command('container.run', { command, autoRemove: true });
  expect((await client.command('container.wait', { container: id, timeoutMs: 30_000 }))?.state).toMatchObject({ exitCode: 3 });
  await until('the other one is removed', async () => (await world.record(other.id)) === undefined);
  expect((await world.record(id))?.state).toMatchObject({ status: 'exited', exitCode: 3 });
  await client.command('container.remove', { container: id });
  expect(await world.record(id)).toBeUndefined();
});

test('the supervisor removes it a minute after its end, whichever supervisor that is', async () => {
  const [long, short] = await Promise.all(
    [1, 2].map(async () => {
      const { config, ...rest } = await world.define({ command: ['/bin/true'], autoRemove: true });
      const definition = { ...rest, config, attended: true };
      return await world.link.request('run', { definition }, REQUEST_DEADLINE_MS);
    }),
  );
  if (long === undefined || short === undefined) throw new Error('not made');
  for (const { id } of [long, short]) await world.link.request('wait', { id }, REQUEST_DEADLINE_MS);
  await world.end('supervisor');
  endedSooner(long.id, ATTENDED_MS);
  await world.startSupervisor();
  await until('it is removed', async () => (await world.record(long.id)) === undefined);
  expect((await world.record(short.id))?.state.status).toBe('exited');
  await client.command('container.remove', { container: short.id });
});

/** In the journal of a supervisor that does not run. */
function endedSooner(id: string, byMs: number): void {
  changeJournal(world.state.lib, (entry: { kind: string; id?: string; exitedAt?: string }) =>
    entry.kind === 'exit' && entry.id === id
      ? { ...entry, exitedAt: new Date(Date.parse(entry.exitedAt ?? '') - byMs).toISOString() }
      : entry,
  );
}
