import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { ImageStore } from '../../apps/agent/src/images/image-store.ts';
import { plainConfig } from '../support/plain-config.ts';
import type { ContainerDefinition } from '../../apps/agent/src/supervisor/protocol.ts';
import { DEFAULT_SECCOMP_PROFILE, idMap, type OciConfig } from '@plimsoll/core';
import { World } from '../support/world.ts';
import { compareWithC } from './lib/compare-with-c.ts';
import { CoreStarter } from './lib/core-starter.ts';
import { CommandTimer } from './lib/launcher.ts';
import { enterPrivateMountNamespace, peers } from './lib/peers.ts';
import { nothingLayer } from './lib/nothing.ts';
import { medianRatio, milliseconds, summarize } from './lib/statistics.ts';
import { listen, SupervisorClient } from './lib/supervisor-client.ts';

/**
 * Start to exit of a container that does nothing (a static program of two instructions), with everything on: eight namespaces, ids of its
 * own, Docker-like seccomp, a cgroup with cpu, memory and pids limits, overlay, masks, capabilities. Three things are measured.
 *
 * - Core alone, which does what an OCI runtime does for its `run`: cgroup made, started, waited for, cgroup removed. And asked of the supervisor over its socket: last reading, exit record on disk (fdatasync included) and the removal of the
 *   cgroup are inside; and the same with its definition (on disk too) and all its files made before and removed after. Beside
 *   it, interleaved one by one, the OCI runtimes that are installed, with the same config and a rootfs that was given to the
 *   container's ids before, but no overlay and no record of anything. runc has no time namespaces. Not the same either: our
 *   user and network namespaces are made ahead of the starts.
 * - Core alone, beside a C program that makes the same syscalls, generated of ours.
 * - Many at once.
 */
if (process.env['PLIMSOLL_BENCH_INSIDE'] === undefined) enterPrivateMountNamespace(import.meta.filename);

const ROUNDS = Number(process.env['ROUNDS'] ?? 300);
const CONCURRENT = Number(process.env['CONCURRENT'] ?? 1000);
const MANY = Number(process.env['MANY'] ?? 10_000);
/** What one leaves for later, or the kernel does for it, is over by then, and not in the time of the next. */
const AFTERWARDS_MS = 60;
const limits = { cpus: 0.5, memoryBytes: 64 * 1024 * 1024, pids: 32 };

await using world = await World.make({ agent: false });
world.link[Symbol.dispose]();
using connections = new DisposableStack();
const supervisor = connections.use(new SupervisorClient(world.state.supervisorSocket));
connections.use(listen(world.state.supervisorSocket));
const images = await ImageStore.open(world.state.lib);
await images.ensureBase();
const layers = [nothingLayer(world.directory), ...images.resolve('base').layers];

function definition(args = ['/nothing']): ContainerDefinition {
  const id = randomBytes(8).toString('hex');
  const cgroupsPath = `${world.state.cgroup}/default/${id}`;
  const config = plainConfig(cgroupsPath, { args, limits });
  return {
    version: 1,
    id,
    name: `bench-${id}`,
    group: 'default',
    image: 'base',
    imageDigest: '',
    layers,
    limits,
    mounts: [],
    labels: {},
    autoRemove: false,
    createdAt: new Date().toISOString(),
    sharing: {},
    seccomp: 'default',
    config: { ...config, process: { ...config.process } },
  };
}

/** Our defaults as a runtime is given them: ids and a filter are the supervisor's to add. */
function completeConfig(): OciConfig {
  const config = plainConfig('', { args: ['/nothing'], limits });
  const ids = idMap(1_990_000_000);
  Object.assign(config.linux, { uidMappings: ids, gidMappings: ids, seccomp: DEFAULT_SECCOMP_PROFILE });
  return config;
}

interface Took {
  /** From the request to start to the answer that it has ended. */
  startToExit: number;
  /** The same with its creation before and its removal after, files and all. */
  whole: number;
}

async function ours(): Promise<Took> {
  const wanted = definition();
  const { id } = wanted;
  const from = performance.now();
  await supervisor.request('create', { definition: wanted });
  const created = performance.now();
  const [, { state }] = await Promise.all([supervisor.request('start', { id }), supervisor.request('wait', { id })]);
  const ended = performance.now();
  if (state.status !== 'exited' || state.exitCode !== 0) throw new Error(`ended as ${JSON.stringify(state)}`);
  await supervisor.request('remove', { id, force: false });
  return { startToExit: ended - created, whole: performance.now() - from };
}

// As on any host in use, something of the group is there already: its cgroup need not be made first.
const neighbour = definition(['sleep', 'infinity']);
await supervisor.request('run', { definition: neighbour });

await using core = await CoreStarter.make(limits, layers);
await using timer = new CommandTimer();
const others = peers(world.directory, completeConfig(), layers);
const series = new Map<string, number[]>([
  ['core', []],
  ['plimsoll', []],
  ['plimsoll whole', []],
  ...others.map(({ name }): [string, number[]] => [name, []]),
]);

for (let warmUp = 0; warmUp < 200; warmUp++) {
  await ours();
  await core.round();
}
for (let round = -10; round < ROUNDS; round++) {
  const { startToExit, whole } = await ours();
  await delay(AFTERWARDS_MS);
  const took: [string, number][] = [
    ['core', await core.round()],
    ['plimsoll', startToExit],
    ['plimsoll whole', whole],
  ];
  for (const peer of others) {
    await delay(AFTERWARDS_MS);
    took.push([peer.name, await timer.time(peer.path, peer.args(`bench-${process.pid}-${round}`))]);
  }
  await delay(AFTERWARDS_MS);
  // The first rounds warm caches and compilers, for everyone.
  if (round >= 0) for (const [name, ms] of took) series.get(name)?.push(ms);
}
const print = (name: string, of: readonly number[], remark = '') =>
  console.log(`  ${name.padEnd(34)}${milliseconds(summarize(of))}${remark}`);
const [alone, asked, whole] = ['core', 'plimsoll', 'plimsoll whole'].map((name) => series.get(name) ?? []) as [
  number[],
  number[],
  number[],
];
console.log('start to exit, one at a time, interleaved');
print('core alone', alone);
print('supervised and recorded', asked);
print('with creation and removal', whole);
for (const { name, version } of others) {
  const theirs = series.get(name) ?? [];
  const [toCore, toAll] = [medianRatio(theirs, alone), medianRatio(theirs, asked)].map((ratio) => ratio.toFixed(2));
  print(`${name} ${version}`, theirs, `   ${toCore} x core, ${toAll} x supervised`);
}

await compareWithC(ROUNDS, core);

async function throughput(count: number, concurrency: number): Promise<{ perSecond: number; failed: number }> {
  let left = count;
  let failed = 0;
  const from = performance.now();
  const worker = async () => {
    while (left-- > 0) {
      await ours().catch((error: unknown) => {
        failed++;
        console.log(String(error));
      });
    }
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
  return { perSecond: count / ((performance.now() - from) / 1000), failed };
}

async function theirThroughput(name: string, count: number, concurrency: number): Promise<number> {
  const peer = others.find((other) => other.name === name);
  if (peer === undefined) return Number.NaN;
  const timers = Array.from({ length: concurrency }, () => new CommandTimer());
  let left = count;
  const from = performance.now();
  await Promise.all(
    timers.map(async (one, lane) => {
      while (left-- > 0) await one.time(peer.path, peer.args(`bench-${process.pid}-${lane}-${left}`));
    }),
  );
  const perSecond = count / ((performance.now() - from) / 1000);
  for (const one of timers) await one[Symbol.asyncDispose]();
  return perSecond;
}

const four = await throughput(CONCURRENT, 4);
console.log(
  `\nat concurrency 4\n  plimsoll        ${four.perSecond.toFixed(0)} starts per second, ${four.failed} of ${CONCURRENT} failed`,
);
for (const { name } of others) {
  console.log(`  ${name.padEnd(16)}${(await theirThroughput(name, Math.min(200, CONCURRENT), 4)).toFixed(0)} starts per second`);
}
const many = await throughput(MANY, 4);
console.log(`\n${MANY} starts at concurrency 4: ${many.failed} failed, ${many.perSecond.toFixed(0)} per second`);
if (four.failed + many.failed > 0) process.exitCode = 1;
