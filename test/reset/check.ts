import { deepStrictEqual, ok } from 'node:assert';
import { readFileSync } from 'node:fs';
import { connect } from '../../apps/agent/src/client/connect.ts';
import { until } from '../support/until.ts';
import { REQUEST_DEADLINE_MS, World } from '../support/world.ts';

/**
 * For the virtual machine that test/reset/load.ts has reset, booted again: nothing of what ended is missing or different, of what
 * ran no more than the last interval, the ledger is sound, and a storage limit is in force.
 */
const facts = readFileSync('/run/vm/facts', 'utf8')
  .split('\n')
  .map((line) => line.split(' ') as ['ended' | 'read', string, string]);

await using world = await World.make({ directory: readFileSync('/disk/world', 'utf8') });
using client = await connect(world.state);
const billed = async () => {
  const { steps } = await client.command('usage.query', { from: '2020-01-01T00:00:00.000Z', to: '2100-01-01T00:00:00.000Z' });
  return new Map((steps[0]?.rows ?? []).map((row) => [row.key, row]));
};
// The supervisor tells of those whose end nobody saw.
await until('nothing is said to run', async () => [...(await billed()).values()].every(({ running }) => running === 0));

const rows = await billed();
for (const [kind, id, cpuNs] of facts) {
  const row = rows.get(id);
  ok(row, `container ${id} is not in the ledger`);
  if (kind === 'ended') deepStrictEqual([id, row.usage.cpuNs, row.incarnations], [id, cpuNs, 1]);
  else ok(BigInt(row.usage.cpuNs) >= BigInt(cpuNs), `container ${id} had used ${cpuNs}, and is billed ${row.usage.cpuNs}`);
}
deepStrictEqual((await client.command('ledger.verify', {})).problems, []);

const { records } = await world.link.request('subscribe', {}, REQUEST_DEADLINE_MS);
const limited = records.find(({ name }) => name === 'limited');
ok(limited, 'the container with a storage limit is gone');
await world.link.request('start', { id: limited.id }, REQUEST_DEADLINE_MS);
await world.link.request('wait', { id: limited.id }, REQUEST_DEADLINE_MS);
deepStrictEqual(
  world
    .log(limited.id)
    .match(/status \d/g)
    ?.at(-1),
  'status 1',
  'its storage limit does not hold after the reset',
);
console.log(`${facts.length} facts hold after the reset; ${rows.size} containers in the ledger`);
