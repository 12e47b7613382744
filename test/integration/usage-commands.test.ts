import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { get as httpGet, type IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import type { UsageRow } from '@plimsoll/protocol';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { until } from '../support/until.ts';
import { World } from '../support/world.ts';

let world: World;
beforeEach(async () => void (world = await World.make()));
afterEach(async () => await world[Symbol.asyncDispose]());

async function rows(): Promise<UsageRow[]> {
  const client = await world.client();
  const to = new Date(Date.now() + 60_000).toISOString();
  const report = await client.command('usage.query', { from: '2020-01-01T00:00:00.000Z', to });
  return report.steps[0]?.rows ?? [];
}

test('the command line tells usage as a table, as JSON and as CSV, and verifies', async () => {
  const client = await world.client();
  const { id, name } = await client.command('container.run', { command: ['true'], labels: { team: '=cmd' } });
  await until('it is billed', async () => (await rows())[0]?.running === 0);
  const table = await world.plimsoll('usage');
  expect(table).toMatchObject({ code: 0, stderr: '' });
  expect(table.stdout).toMatch(new RegExp(`^${name} .* s .*GiB h`, 'm'));
  expect(table.stdout).toMatch(/^\(idle\)/m);
  const json = JSON.parse((await world.plimsoll('usage', '--json', '--from', '1h')).stdout) as { steps: { rows: UsageRow[] }[] };
  expect(json.steps[0]?.rows[0]?.key).toBe(id);
  const csv = await world.plimsoll('usage', '--csv', '--by', 'label:team', '--step', '1h', '--from', '2h');
  expect(csv.stdout).toMatch(/^from,to,key,name,cpu_ns,/);
  expect(csv.stdout).toContain(",'=cmd,");
  expect(await world.plimsoll('ledger', 'verify')).toMatchObject({ code: 0, stdout: expect.stringMatching(/sound$/m) as string });
  expect(await world.plimsoll('usage', '--from', 'soon')).toMatchObject({ code: 2 });
  expect(await world.plimsoll('usage', '--from', '1h', '--to', '2h')).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('the span ends before it begins') as string,
  });
});

test('the allocation API answers in OpenCost’s manner, to who has a token', async () => {
  const client = await world.client();
  const { id, name } = await client.command('container.run', { command: ['true'], group: 'acme' });
  await until('it is billed', async () => (await rows())[0]?.running === 0);
  const ask = async (query: string, token: string | null = readFileSync(world.state.localToken, 'utf8').trim()) =>
    await get(world.state.agentSocket, `/v1/allocation?${query}`, token);
  const [row] = await rows();
  expect(await ask('window=1h&includeIdle=true')).toMatchObject({
    status: 200,
    body: {
      ok: true,
      data: [
        { [id]: { name, properties: { container: id }, exact: { cpuNs: row?.usage.cpuNs } }, __idle__: { name: '__idle__' } },
      ],
    },
  });
  expect(await ask('window=1h&aggregate=group')).toMatchObject({ body: { data: [{ acme: { properties: { group: 'acme' } } }] } });
  expect(await ask('window=2h&step=1h')).toMatchObject({ body: { data: [{}, { [id]: { name } }] } });
  expect(await ask('window=soon')).toMatchObject({ status: 400, body: { error: { code: 'bad-request' } } });
  expect(await ask('window=1h', null)).toMatchObject({ status: 401 });
  expect(await ask('window=1h', 'wrong')).toMatchObject({ status: 401 });
});

async function get(socketPath: string, path: string, token: string | null): Promise<{ status?: number; body: unknown }> {
  const headers = token === null ? {} : { authorization: `Bearer ${token}` };
  const request = httpGet({ socketPath, path, headers });
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  return { ...(response.statusCode !== undefined && { status: response.statusCode }), body: JSON.parse(await text(response)) };
}
