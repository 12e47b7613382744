import type { UsageRow } from '@plimsoll/protocol';
import { connect } from '../../apps/agent/src/client/connect.ts';
import type { World } from './world.ts';

/** All usage that the agent of now has in its ledger. */
export async function ledgerRows(
  world: World,
  query: { aggregate?: string; group?: string; container?: string } = {},
): Promise<UsageRow[]> {
  using client = await connect(world.state);
  const to = new Date(Date.now() + 60_000).toISOString();
  const report = await client.command('usage.query', { from: '2020-01-01T00:00:00.000Z', to, ...query });
  return report.steps[0]?.rows ?? [];
}

export async function ledgerProblems(world: World): Promise<string[]> {
  using client = await connect(world.state);
  return (await client.command('ledger.verify', {})).problems;
}
