import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { ImageStore } from '../../apps/agent/src/images/image-store.ts';
import { World } from '../support/world.ts';
import { CommandMeter, type Run } from './lib/command-meter.ts';
import { docker, podman } from './lib/engines.ts';
import { medianRatio, summarize } from './lib/statistics.ts';

/**
 * Whole commands as a person types them, from exec to exit, by turns: a list of containers, and a run of `true` in a
 * container that is removed. CPU time and peak memory are the client's: engines work in their daemons, or leave processes
 * behind. Beside ours docker and podman (with runc), where they are installed, without a network as ours has none.
 */
const ROUNDS = Number(process.env['ROUNDS'] ?? 30);
/** Containers that run meanwhile, in our own list. */
const RUNNING = 20;

await using owned = new AsyncDisposableStack();
const repository = join(import.meta.dirname, '../..');
execFileSync(process.execPath, [join(repository, 'apps/agent/scripts/bundle.mjs')]);
const world = owned.use(await World.make());
const client = await world.client();
for (let i = 0; i < RUNNING; i++) await client.command('container.run', { name: `idle-${i}`, command: ['sleep', 'infinity'] });
const images = await ImageStore.open(world.state.lib);
await images.ensureBase();
const { layers } = images.resolve('base');

const { PLIMSOLL_ROOT } = world.environment;
const meter = owned.use(
  new CommandMeter(world.directory, { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', HOME: '/root', PLIMSOLL_ROOT }),
);
const plimsoll = join(repository, 'node_modules/.bin/plimsoll');
const ground = { directory: world.directory, cgroup: world.state.cgroup, layers };
const engines = [await docker(ground), podman(ground)].filter((engine) => engine !== null);
for (const engine of engines) owned.use(engine);

const commands = new Map<string, string[]>([
  ['node -e 0', [process.execPath, '-e', '0']],
  ['plimsoll ps', [plimsoll, 'ps']],
  ...engines.map(({ name, ps }): [string, string[]] => [`${name} ps`, ps]),
  ['plimsoll run', [plimsoll, 'run', '--rm', '--', 'true']],
  ...engines.map(({ name, run }): [string, string[]] => [`${name} run`, run]),
]);

const runs = new Map<string, Run[]>();
for (let round = -2; round < ROUNDS; round++) {
  for (const [name, words] of commands) {
    const run = await meter.run(words);
    // The first ones fill caches.
    if (round >= 0) runs.set(name, [...(runs.get(name) ?? []), run]);
  }
}

for (const { name, version } of engines) console.log(`${name} ${version}`);
for (const [name, measured] of runs) {
  const { median, p10, p99 } = summarize(measured.map(({ wallMs }) => wallMs));
  const cpu = summarize(measured.map(({ cpuMs }) => cpuMs)).median;
  const peak = Math.max(...measured.map(({ peakMib }) => peakMib));
  const [ms, mib] = [(value: number) => value.toFixed(0).padStart(4), peak.toFixed(0).padStart(3)];
  console.log(
    `${name.padEnd(14)} median ${ms(median)} ms   p10 ${ms(p10)}   p99 ${ms(p99)}   cpu ${ms(cpu)} ms   peak ${mib} MiB   n ${measured.length}`,
  );
}
for (const what of ['ps', 'run']) {
  const ours = (runs.get(`plimsoll ${what}`) ?? []).map(({ wallMs }) => wallMs);
  for (const { name } of engines) {
    const theirs = (runs.get(`${name} ${what}`) ?? []).map(({ wallMs }) => wallMs);
    console.log(`${name} ${what} takes ${medianRatio(theirs, ours).toFixed(2)} x plimsoll ${what}`);
  }
}
