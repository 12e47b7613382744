import { World } from '../support/world.ts';
import { milliseconds, summarize } from './lib/statistics.ts';

/**
 * Starts of a container, alone and beside containers that write newlines with a tenth of a cpu each: into their output, which the
 * supervisor drains, and into /dev/null, which takes the cpu alone. By turns, so that a load that comes and goes moves no figure more.
 */
const FLOODS = [0, 1, 8];
const ROUNDS = Number(process.env['ROUNDS'] ?? 3);
const STARTS = 12;

await using world = await World.make({ agent: false });

async function measure(into: string, floods: number): Promise<number[]> {
  const group = 'flood';
  for (let i = 0; i < floods; i++) {
    await world.run(['sh', '-c', `exec yes "" >${into}`], { group, limits: { cpus: 0.1 } });
  }
  const times: number[] = [];
  for (let i = 0; i < STARTS; i++) {
    const from = performance.now();
    const { id } = await world.run(['sleep', 'infinity'], { group: 'starts' });
    times.push(performance.now() - from);
    await world.link.request('kill', { id }, 30_000);
    await world.link.request('remove', { id, force: true }, 30_000);
  }
  if (floods > 0) await world.link.request('removeGroup', { group, force: true }, 60_000);
  return times;
}

const found = new Map<string, number[]>();
for (let round = 0; round < ROUNDS; round++) {
  for (const floods of FLOODS) {
    for (const into of floods === 0 ? ['/dev/null'] : ['/dev/null', '&1']) {
      const key = `${floods} writing into ${into === '/dev/null' ? into : 'their output'}`;
      found.set(key, [...(found.get(key) ?? []), ...(await measure(into, floods))]);
    }
  }
}
for (const [key, times] of found) console.log(`${key.padEnd(32)} ${milliseconds(summarize(times))}`);
process.exit(0);
