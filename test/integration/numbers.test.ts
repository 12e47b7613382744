// @module-tag kernel
// @module-tag quiet

import { execFileSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import {
  CgroupSampler,
  freezeCgroup,
  processesIn,
  readIoDevices,
  thawCgroup,
  untilEmpty,
  type CgroupReading,
  type Started,
} from '@plimsoll/core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Core, type TestContainer, type ContainerOptions } from '../support/core.ts';
import { whyNoStress, writeStressLayer } from '../support/stress-layer.ts';
import { until } from '../support/until.ts';
import { Veth, whyNoVeth } from '../support/veth.ts';

const MEBIBYTE = 1024 * 1024;
const NS_PER_TICK = 10_000_000;
/** cfs_period_us. */
const PERIOD_NS = 100_000_000;
/** Memory statistics are gathered by cpu and folded together when they differ by more than this (MEMCG_CHARGE_BATCH). */
const MEMORY_SLACK_BYTES = 64 * 4096 * navigator.hardwareConcurrency;
const noVeth = whyNoVeth();

let core: Core;
let sampler: CgroupSampler;
let layers: string[];
beforeAll(async () => {
  core = await Core.make();
  sampler = new CgroupSampler(core.layout);
  const stress = join(core.directory, 'stress');
  mkdirSync(stress);
  if (whyNoStress === null) writeStressLayer(stress);
  layers = [stress, ...core.baseLayers];
});
afterAll(async () => {
  sampler?.[Symbol.dispose]();
  await core?.[Symbol.asyncDispose]();
});

type SendTo = (message: Buffer, port: number, address: string, done: (error: Error | null) => void) => void;

interface Running extends TestContainer {
  started: Started;
  reading: () => CgroupReading;
}

async function run(args: string[], options: ContainerOptions = {}): Promise<Running> {
  const container = core.container({ layers, ...options, args });
  const started = await container.start();
  await started.settle();
  return withReading(container, started);
}

function withReading(container: TestContainer, started: Started): Running {
  const reading = () => sampler.readOnce(container.cgroup.path, started.process.pid)!;
  return Object.assign(container, { started, reading });
}

const shell = (script: string, options?: ContainerOptions) => run(['/bin/sh', '-c', script], options);

/** Its last reading, when every process of it has ended and nothing changes any more. */
async function readingAtEnd(container: Running): Promise<CgroupReading> {
  const { code, signal } = await container.started.process.exited;
  if (code !== 0) throw new Error(`ended with ${code ?? signal}: ${JSON.stringify(container.output())}`);
  await untilEmpty(core.kernel.loop, container.cgroup);
  return container.reading();
}

/** What this process is told of children that it has waited for (proc_pid_stat(5), cmajflt, cutime, cstime): getrusage's RUSAGE_CHILDREN. */
function usageOfChildren(): { cpuNs: number; majorFaults: number } {
  const stat = readFileSync('/proc/self/stat', 'latin1');
  const fields = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .map(Number);
  return { cpuNs: (fields[13]! + fields[14]!) * NS_PER_TICK, majorFaults: fields[10]! };
}

describe.runIf(whyNoStress === null)(`workloads of stress-ng${whyNoStress === null ? '' : `: ${whyNoStress}`}`, () => {
  test('cpu time is what its processes have used by the count of whoever waits for them', async () => {
    const args = ['stress-ng', '--quiet', '--cpu', '2', '--cpu-method', 'int64', '--cpu-ops', '600'];
    await using container = core.container({ layers, args });
    const started = await container.start();
    // The start's helper process was in another cgroup; settle() waits for it, after the comparison.
    const before = usageOfChildren().cpuNs;
    const { cpuUsageNs, cpuUserNs, cpuSystemNs } = await readingAtEnd(withReading(container, started));
    const waitedNs = usageOfChildren().cpuNs - before;
    await started.settle();
    expect(waitedNs).toBeGreaterThan(10 * NS_PER_TICK);
    // User and system time are cut to whole ticks, each, of each process: stress-ng itself and its two workers.
    expect(Math.abs(Number(cpuUsageNs) - waitedNs)).toBeLessThan(3 * 2 * NS_PER_TICK);
    // The v2 tree scales its split so that it sums to the usage; pure v1 has whole ticks.
    expect(Math.abs(cpuUserNs + cpuSystemNs - Number(cpuUsageNs))).toBeLessThan(4 * NS_PER_TICK);
  });

  test('anonymous memory is what the page tables of its processes hold', async () => {
    await using container = await run(
      ['stress-ng', '--quiet', '--vm', '1', '--vm-bytes', '64m', '--vm-keep', '--vm-populate', '--vm-method', 'zero-one'],
      { limits: { memoryBytes: 256 * MEBIBYTE } },
    );
    await until('it holds what it was told to', () => container.reading().memoryAnonBytes > 64 * MEBIBYTE);
    await freezeCgroup(core.kernel.loop, container.cgroup);
    const reading = container.reading();
    const held = processesIn(container.cgroup).map((pid) => {
      const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, 'latin1');
      return Number(/^Pss_Anon:\s+(\d+) kB$/m.exec(rollup)?.[1]) * 1024;
    });
    const anonBytes = held.reduce((sum, bytes) => sum + bytes, 0);
    expect(Math.abs(reading.memoryAnonBytes - anonBytes)).toBeLessThan(MEMORY_SLACK_BYTES);
    expect(reading.memoryUsageBytes).toBeGreaterThan(reading.memoryAnonBytes);
    expect(reading.memoryPeakBytes).toBeGreaterThanOrEqual(reading.memoryUsageBytes - MEMORY_SLACK_BYTES);
    expect(reading.memoryLimitBytes).toBe(256 * MEBIBYTE);
    await thawCgroup(core.kernel.loop, container.cgroup);
  });

  test('major faults are those of its processes', async () => {
    // Out of the page cache: what is not there must be read.
    for (const entry of readdirSync(layers[0]!, { recursive: true, withFileTypes: true })) {
      if (entry.isFile()) execFileSync('dd', [`of=${join(entry.parentPath, entry.name)}`, ...EVICT], { stdio: 'ignore' });
    }
    const before = usageOfChildren().majorFaults;
    await using container = await run(['stress-ng', '--version']);
    await readingAtEnd(container);
    const waited = usageOfChildren().majorFaults - before;
    // A process counts a fault as major too that waited for a page which was being read already (on Linux 6.1 two in five
    // are such); the cgroup counts those that began a read.
    const isAgreed = (majorFaults: number) => majorFaults > waited / 4 && majorFaults <= waited;
    // What each cpu has counted is added up when it is much, or every two seconds (mem_cgroup_flush_stats).
    await until('all are added up', () => isAgreed(container.reading().majorFaults));
    expect(waited).toBeGreaterThan(4);
  });

  test('io is what was read and written past the page cache', async () => {
    const bytes = 16 * MEBIBYTE;
    const script = 'dd if=/dev/zero of=/f bs=1M count=16 oflag=direct && dd if=/f of=/dev/null bs=1M iflag=direct';
    await using container = await shell(`(${script}) 2>/dev/null`);
    const reading = await readingAtEnd(container);
    // The file system reads and writes some blocks of its own on their behalf.
    for (const moved of [reading.ioReadBytes, reading.ioWriteBytes]) {
      expect(moved).toBeGreaterThanOrEqual(bytes);
      expect(moved).toBeLessThan(bytes + 4 * MEBIBYTE);
    }
    expect(reading.ioReadOps).toBeGreaterThanOrEqual(16);
    expect(reading.ioWriteOps).toBeGreaterThanOrEqual(16);
    const devices = readIoDevices(container.cgroup);
    const sum = (name: 'readBytes' | 'writeBytes' | 'readOps' | 'writeOps') =>
      devices.reduce((total, device) => total + device[name], 0);
    expect([sum('readBytes'), sum('writeBytes'), sum('readOps'), sum('writeOps')]).toEqual([
      reading.ioReadBytes,
      reading.ioWriteBytes,
      reading.ioReadOps,
      reading.ioWriteOps,
    ]);
  });

  test('stress-ng moves through the disk what it says', async () => {
    const args = [
      '--quiet',
      '--hdd',
      '1',
      '--hdd-bytes',
      '16m',
      '--hdd-opts',
      'direct,wr-seq',
      '--hdd-ops',
      '256',
      '--temp-path',
      '/',
    ];
    await using container = await run(['stress-ng', ...args]);
    const { ioWriteBytes } = await readingAtEnd(container);
    // An op writes 64 KiB.
    expect(ioWriteBytes).toBeGreaterThanOrEqual(256 * 65_536 - 65_536);
    expect(ioWriteBytes).toBeLessThan(256 * 65_536 + 8 * MEBIBYTE);
  });
});

/** posix_fadvise(2), POSIX_FADV_DONTNEED, on all of a file. */
const EVICT = ['oflag=nocache', 'conv=notrunc,fdatasync', 'count=0'];

test('page cache is charged to who brought it in, and is not in the working set once it is inactive', async () => {
  await using container = await shell(
    `trap 'dd if=/dev/zero of=/f bs=1M count=32 conv=fsync 2>/dev/null; touch /done' USR1; while :; do sleep 1 & wait; done`,
  );
  const { cgroup } = container;
  const upper = container.request.rootfs.upper;
  // The trap is set when the shell waits for its child.
  await until('it waits', () => processesIn(cgroup).length === 2);
  const before = container.reading();
  process.kill(container.started.process.pid, 'SIGUSR1');
  await until('the file is written', () => statSync(join(upper, 'done'), { throwIfNoEntry: false }) !== undefined);
  const after = container.reading();
  const cached = execFileSync('fincore', ['-bno', 'RES', join(upper, 'f')], { encoding: 'utf8' });
  expect(Number(cached)).toBe(32 * MEBIBYTE);
  expect(Math.abs(after.memoryFileBytes - before.memoryFileBytes - 32 * MEBIBYTE)).toBeLessThan(MEMORY_SLACK_BYTES + MEBIBYTE);
  expect(after.memoryInactiveFileBytes - before.memoryInactiveFileBytes).toBeGreaterThan(24 * MEBIBYTE);
});

const hasSwap = readFileSync('/proc/swaps', 'latin1').trim().split('\n').length > 1;
test.runIf(hasSwap)(`swap is what its processes have there${hasSwap ? '' : ': this host has none'}`, async () => {
  await using container = await shell('head -c 64000000 /dev/zero | tail | sleep infinity', {
    limits: { memoryBytes: 24 * MEBIBYTE, swapBytes: 128 * MEBIBYTE },
  });
  await until('it is swapped out', () => container.reading().memorySwapBytes > 16 * MEBIBYTE);
  await freezeCgroup(core.kernel.loop, container.cgroup);
  const swapped = processesIn(container.cgroup).map(
    (pid) => Number(/^VmSwap:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1]) * 1024,
  );
  const sum = swapped.reduce((total, bytes) => total + bytes, 0);
  expect(Math.abs(container.reading().memorySwapBytes - sum)).toBeLessThan(2 * MEBIBYTE);
  await thawCgroup(core.kernel.loop, container.cgroup);
});

test('OOM kills and refused forks are counted one by one', async () => {
  await using hungry = await shell('tail /dev/zero; tail /dev/zero; exec sleep infinity', {
    limits: { memoryBytes: 24 * MEBIBYTE },
  });
  await until('both were killed', () => hungry.reading().oomKills === 2);
  expect(hungry.reading().memoryPeakBytes).toBe(24 * MEBIBYTE);

  // The inner shell gives up at the first fork that is refused, its second: 4 are there then.
  await using forking = await shell(
    "sh -c 'sleep infinity & sleep infinity & sleep infinity & wait' 2>/dev/null; exec sleep infinity",
    {
      limits: { pids: 4 },
    },
  );
  await until('it gave up', () => {
    const { pids, pidsRefused } = forking.reading();
    return pids === 3 && pidsRefused > 0;
  });
  expect(forking.reading()).toMatchObject({ pidsRefused: 1, pidsLimit: 4, oomKills: 0 });
});

test('throttling and cpu time agree with the quota', async () => {
  await using container = await shell('while :; do :; done', { limits: { cpus: 0.3 } });
  const first = container.reading();
  // On a busy machine a period can end before its quota is used.
  const last = await until('fifteen periods are over, and it was held back', () => {
    const now = container.reading();
    return now.cpuPeriods >= first.cpuPeriods + 15 && now.cpuThrottledNs > first.cpuThrottledNs ? now : null;
  });
  const periods = last.cpuPeriods - first.cpuPeriods;
  const throttled = last.cpuThrottledPeriods - first.cpuThrottledPeriods;
  const usedNs = Number(last.cpuUsageNs! - first.cpuUsageNs!);
  const quotaNs = 0.3 * PERIOD_NS;
  // A cpu takes its slices of 5 ms from the quota, and may have one left from the period before.
  expect(usedNs).toBeLessThanOrEqual((periods + 2) * quotaNs);
  expect(usedNs).toBeGreaterThanOrEqual((throttled - 2) * (quotaNs - 5_000_000));
  // One thread: while it is held back it uses nothing.
  const elapsedNs = Number(last.detailAtNs - first.detailAtNs);
  const throttledNs = last.cpuThrottledNs - first.cpuThrottledNs;
  expect(throttledNs).toBeGreaterThan(0);
  expect(throttledNs + usedNs).toBeLessThanOrEqual(elapsedNs + PERIOD_NS);
});

test('pressure is near all of the time where three want one cpu', async () => {
  await using container = await shell("for i in 1 2 3; do sh -c 'while :; do :; done' & done; wait", {
    limits: { cpusetCpus: '0' },
  });
  await until('all three are there', () => processesIn(container.cgroup).length === 4);
  const first = container.reading();
  await until('it has used a second', () => container.reading().cpuUsageNs! > first.cpuUsageNs! + 500_000_000n);
  const last = container.reading();
  const elapsedUs = Number(last.detailAtNs - first.detailAtNs) / 1000;
  // The kernel adds up its cpus' states every so often (psi_period_min, 2 s, and at each read).
  expect((last.cpuPressureUs - first.cpuPressureUs) / elapsedUs).toBeGreaterThan(0.8);
  expect((last.cpuPressureUs - first.cpuPressureUs) / elapsedUs).toBeLessThan(1.1);
});

test.runIf(noVeth === null)(
  `traffic is what the other end of its link counts${noVeth === null ? '' : `: ${noVeth}`}`,
  async () => {
    await using container = await run(['sleep', 'infinity']);
    const { pid } = container.started.process;
    expect(container.reading()).toMatchObject({ netReceivedBytes: 0, netSentBytes: 0, netReceivedPackets: 0 });
    using link = new Veth(pid);
    const socket = createSocket('udp4');
    const sent = Array.from({ length: 50 }, () =>
      promisify(socket.send.bind(socket) as SendTo)(Buffer.alloc(1000), 9, link.address),
    );
    await Promise.all(sent);
    // What waited for the address to be resolved goes out after that.
    await until('all are delivered', () => container.reading().netReceivedPackets >= 50 && isAgreed());
    socket.close();
    expect(container.reading().netReceivedBytes).toBeGreaterThan(50 * 1000);
    expect(container.reading()).toMatchObject({ netReceiveErrors: 0, netReceiveDrops: 0, netSendErrors: 0, netSendDrops: 0 });

    function isAgreed(): boolean {
      const { netReceivedBytes, netReceivedPackets, netSentBytes, netSentPackets } = container.reading();
      const own = [netReceivedBytes, netReceivedPackets, netSentBytes, netSentPackets];
      const theirs = ['tx_bytes', 'tx_packets', 'rx_bytes', 'rx_packets'].map((name) => link.counter(name));
      return own.every((count, i) => count === theirs[i]);
    }
  },
);
