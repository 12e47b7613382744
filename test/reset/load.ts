import { writeFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { connect } from '../../apps/agent/src/client/connect.ts';
import { REQUEST_DEADLINE_MS, World } from '../support/world.ts';

/**
 * For a virtual machine (scripts/lib/reset-lane.mjs): runs containers, tells of what is durable, and resets the machine in the
 * middle of it: what has not been synced is gone, as with the power.
 */
const LOAD_MS = 40_000;
const AT_ONCE = 3;
const OVER_ITS_LIMIT = 'head -c 8M /dev/zero >/big; echo "status $?"';
const BURNING = ['/bin/sh', '-c', 'while :; do :; done'];

const world = await World.make({ below: '/disk' });
writeFileSync('/disk/world', world.directory);
using client = await connect(world.state);
await world.run(BURNING, { group: 'acme' });
await world.run(BURNING, { group: 'acme/web' });

// Its limit is durable when it runs (test/reset/check.ts).
await world.run(['sh', '-c', OVER_ITS_LIMIT], { name: 'limited', limits: { storageBytes: 2 * 1024 ** 2 } });

const endSome = async () => {
  for (;;) {
    const { id } = await world.run(['true'], { group: 'acme' });
    const { lastExit } = await world.link.request('wait', { id }, REQUEST_DEADLINE_MS);
    process.stdout.write(`ended ${id} ${lastExit?.cpuUsageNs}\n`);
    await world.link.request('remove', { id, force: false }, REQUEST_DEADLINE_MS);
  }
};
/** Each answer has a reading of what runs, which is on disk by then. */
const readSome = async () => {
  for (;;) {
    const span = { from: '2020-01-01T00:00:00.000Z', to: '2100-01-01T00:00:00.000Z' };
    const { steps } = await client.command('usage.query', span);
    for (const { key, usage, running } of steps[0]?.rows ?? []) {
      if (running > 0) process.stdout.write(`read ${key} ${usage.cpuNs}\n`);
    }
    await delay(500);
  }
};
await Promise.race([...Array.from({ length: AT_ONCE }, endSome), readSome(), delay(LOAD_MS)]);
writeFileSync('/proc/sysrq-trigger', 'b');
