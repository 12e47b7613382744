import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { World } from '../support/world.ts';

/** Resident memory of supervisor and agent without containers, and with 200 that sleep, all sampled each second. */
const COUNT = 200;
const SETTLE_MS = 5000;

await using world = await World.make();
const client = await world.client();
await report('no container');
for (let i = 0; i < COUNT; i++) await client.command('container.run', { name: `idle-${i}`, command: ['sleep', 'infinity'] });
await report(`${COUNT} idle containers`);

async function report(when: string): Promise<void> {
  await delay(SETTLE_MS);
  const figures = (['supervisor', 'agent'] as const).map((part) => `${part} ${memory(world[part]?.pid)}`);
  console.log(`${when.padEnd(22)} ${figures.join('   ')}`);
}

function memory(pid: number | undefined): string {
  const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
  const mib = (key: string) => (Number(new RegExp(`^${key}:\\s+(\\d+)`, 'm').exec(rollup)?.[1]) / 1024).toFixed(0);
  return `${mib('Rss')} MiB resident, ${mib('Private_Dirty')} of its own`;
}
