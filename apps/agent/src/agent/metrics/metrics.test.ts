import { emptyReading, type CgroupReading } from '@plimsoll/core';
import { expect, test, vi } from 'vitest';
import { containerRecord, groupRecord, RUNNING } from '../container-record.fixture.ts';
import { Registry } from '../registry.ts';
import type { CgroupReader } from '../sampling/sampler.ts';
import { METRIC_NAMES, Metrics } from './metrics.ts';

const A = 'aaaa000000000000';
const B = 'bbbb000000000000';
const HOST = '3f0e8a52-7c1d-4b0e-9a61-0d5c2f4b7e90';

const EVERYTHING: CgroupReading = {
  ...(Object.fromEntries(Object.keys(emptyReading()).map((name) => [name, 1_000_000])) as unknown as CgroupReading),
  cpuUsageNs: 9_007_199_254_740_993n,
  memoryUsageBytes: 10_000_000,
};

/** Cgroups read as `readings` has them, by path; those that it does not have are gone. */
function metricsOf(registry: Registry, readings: Record<string, Partial<CgroupReading>>) {
  const readOnce = vi.fn<CgroupReader['readOnce']>((path) => {
    const reading = readings[path];
    return reading === undefined ? null : { ...emptyReading(), ...reading };
  });
  const reader = { readOnce, [Symbol.dispose]: () => {} } as unknown as CgroupReader;
  return {
    readOnce,
    metrics: new Metrics({ registry, newReader: () => reader, version: '1.2.3', host: HOST, hasSupervisor: () => true }),
  };
}

function registryOf(...records: Parameters<Registry['replace']>[0]['records'][number][]): Registry {
  const registry = new Registry();
  registry.replace({ groups: [groupRecord('acme'), groupRecord('acme/web')], records });
  return registry;
}

const ID = `plimsoll/acme/web/${A}`;
const LABELS = `id="/${ID}",name="one",image="base",plimsoll_group="acme/web"`;
const lines = (text: string, name: string) => text.split('\n').filter((line) => line.startsWith(`${name}{`) || line === name);
const namesIn = (text: string) => [...text.matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name);

test('a cgroup with every counter has every metric, each with its help and type, once', async () => {
  const registry = registryOf(containerRecord(A, 'one', { state: RUNNING, limits: { cpus: 0.5 } }));
  using metrics = metricsOf(registry, { [ID]: EVERYTHING }).metrics;
  const text = await metrics.text();
  expect(namesIn(text)).toEqual(METRIC_NAMES);
  expect([...text.matchAll(/^# HELP (\S+) ./gm)].map(([, name]) => name)).toEqual(namesIn(text));
  expect(text.endsWith('\n')).toBe(true);
});

test('numbers are exact, in cAdvisor’s units', async () => {
  const registry = registryOf(containerRecord(A, 'one', { state: RUNNING, limits: { cpus: 0.5 }, labels: { 'a.b': 'c"d' } }));
  using metrics = metricsOf(registry, { [ID]: EVERYTHING }).metrics;
  const text = await metrics.text();
  const labels = String.raw`${LABELS},container_label_a_b="c\"d"`;
  for (const line of [
    `container_cpu_usage_seconds_total{cpu="total",${labels}} 9007199.254740993`,
    `container_cpu_user_seconds_total{${labels}} 0.001`,
    `container_cpu_cfs_throttled_seconds_total{${labels}} 0.001`,
    `container_pressure_cpu_waiting_seconds_total{${labels}} 1`,
    `container_memory_working_set_bytes{${labels}} 9000000`,
    `container_spec_cpu_quota{${labels}} 50000`,
    `container_spec_cpu_period{${labels}} 100000`,
    `container_start_time_seconds{${labels}} 1767225601`,
    `plimsoll_container_state{${labels},state="running"} 1`,
    `plimsoll_container_state{${labels},state="exited"} 0`,
    `plimsoll_build_info{version="1.2.3",host_id="${HOST}"} 1`,
    'plimsoll_supervisor_up 1',
  ]) {
    expect(text.split('\n')).toContain(line);
  }
});

test('what the host does not count is left out, and not told as 0', async () => {
  const registry = registryOf(containerRecord(A, 'one', { state: RUNNING }));
  using metrics = metricsOf(registry, { [ID]: { cpuUsageNs: 5n } }).metrics;
  const text = await metrics.text();
  expect(lines(text, 'container_cpu_usage_seconds_total')).toEqual([
    `container_cpu_usage_seconds_total{cpu="total",${LABELS}} 0.000000005`,
  ]);
  expect(namesIn(text).filter((name) => name?.startsWith('container_'))).toEqual([
    'container_cpu_usage_seconds_total',
    'container_spec_cpu_period',
    'container_start_time_seconds',
    'container_last_seen',
  ]);
  expect(text).not.toContain('NaN');
});

test('a limit that there is none of is 0 for memory and threads, as in cAdvisor, and not there for cpu', async () => {
  const registry = registryOf(containerRecord(A, 'one', { state: RUNNING }));
  using metrics = metricsOf(registry, { [ID]: { memoryUsageBytes: 4096, pids: 1 } }).metrics;
  const text = await metrics.text();
  expect(lines(text, 'container_spec_memory_limit_bytes')).toEqual([`container_spec_memory_limit_bytes{${LABELS}} 0`]);
  expect(lines(text, 'container_threads_max')).toEqual([`container_threads_max{${LABELS}} 0`]);
  expect(lines(text, 'container_spec_cpu_quota')).toEqual([]);
});

test('groups and the root have rows; what does not run, or is gone, has its state alone', async () => {
  const registry = registryOf(
    containerRecord(A, 'one', { state: RUNNING }),
    containerRecord(B, 'two', { state: { ...RUNNING, status: 'frozen', frozenAt: RUNNING.startedAt, reasons: [] } }),
    containerRecord('cccc000000000000', 'three'),
  );
  const { metrics, readOnce } = metricsOf(registry, { '': EVERYTHING, 'plimsoll/acme': EVERYTHING, [ID]: EVERYTHING });
  using _ = metrics;
  const text = await metrics.text();
  expect(lines(text, 'container_threads').map((line) => /id="([^"]*)",name="([^"]*)"/.exec(line)?.slice(1))).toEqual([
    ['/', ''],
    ['/plimsoll/acme', ''],
    [`/${ID}`, 'one'],
  ]);
  expect(readOnce).toHaveBeenCalledWith(ID, RUNNING.pid);
  expect(lines(text, 'plimsoll_container_frozen').map((line) => line.slice(-1))).toEqual(['0', '1', '0']);
  expect(lines(text, 'plimsoll_container_state')).toHaveLength(3 * 7);
});

test('the kernel is read once a second, however many ask', async () => {
  const { metrics, readOnce } = metricsOf(registryOf(), { '': EVERYTHING });
  using _ = metrics;
  const [first, second] = await Promise.all([metrics.text(), metrics.text()]);
  expect(await metrics.text()).toBe(first);
  expect(second).toBe(first);
  expect(readOnce.mock.calls.filter(([path]) => path === '')).toHaveLength(1);
});

test('nothing is told before the supervisor was heard', async () => {
  using metrics = metricsOf(new Registry(), { '': EVERYTHING }).metrics;
  await expect(metrics.text()).rejects.toThrow('the supervisor is not there');
});

test('a scrape that is under way when the agent ends reads nothing more', async () => {
  const ids = Array.from({ length: 40 }, (_, i) => String(i).padStart(16, '0'));
  const records = ids.map((id) => containerRecord(id, `c${id}`, { state: RUNNING }));
  const { metrics, readOnce } = metricsOf(registryOf(...records), {});
  const text = metrics.text();
  metrics[Symbol.dispose]();
  const calls = readOnce.mock.calls.length;
  await expect(text).rejects.toThrow('the agent ends');
  expect(calls).toBeGreaterThan(0);
  expect(readOnce).toHaveBeenCalledTimes(calls);
});
