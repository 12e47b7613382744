// @module-tag kernel-full

import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { request, type IncomingMessage } from 'node:http';
import { join } from 'node:path';
import type { Cgroup } from '@plimsoll/core';
import type { ContainerView } from '@plimsoll/protocol';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { AgentClient } from '../../apps/agent/src/client/agent-client.ts';
import { METRIC_NAMES } from '../../apps/agent/src/agent/metrics/metrics.ts';
import { nsOfSeconds, parseExposition, type Sample } from '../support/exposition.ts';
import { cpuUsageNs, pidsCurrent, throttling } from '../support/kernel-files.ts';
import { HOST_LAYOUT } from '../support/layouts.ts';
import { objectionsTo, Prometheus, SCRAPE_S, WITHOUT_PROMETHEUS } from '../support/prometheus.ts';
import { until } from '../support/until.ts';
import { World } from '../support/world.ts';

const MEBIBYTE = 1024 * 1024;
const NS_PER_MS = 1_000_000n;
const GROUP = 'acme/web';
/** What rates are taken over: some scrapes. */
const RANGE = `${10 * SCRAPE_S}s`;

let world: World;
let client: AgentClient;
let url: string;
let burning: ContainerView;
let cgroup: Cgroup;
beforeAll(async () => {
  world = await World.make({ agent: false });
  await world.startAgent({ PLIMSOLL_METRICS: '127.0.0.1:0' });
  url = /"(http:\S+\/metrics)"/.exec(readFileSync(join(world.directory, 'agent.log'), 'utf8'))?.[1] ?? '';
  client = await world.client();
  burning = await client.command('container.run', {
    name: 'burning',
    group: GROUP,
    command: ['/bin/sh', '-c', 'while :; do :; done', 'a secret argument'],
    env: { TOKEN: 'a secret of the environment' },
    labels: { 'org.example/team-1': 'a "quoted" \\ name\nin two lines' },
    limits: { cpus: 0.5, memoryBytes: 64 * MEBIBYTE, pids: 7 },
  });
  cgroup = world.cgroup(`${GROUP}/${burning.id}`);
});
afterAll(async () => await world?.[Symbol.asyncDispose]());

const scrape = async (): Promise<string> => await (await fetch(url)).text();

/** The samples of one row by name; where a name has several, the last one. */
function rowOf(samples: readonly Sample[], id: string): Record<string, string> {
  const own = samples.filter(({ labels }) => labels['id'] === `/${id}`);
  return Object.fromEntries(own.map(({ name, value }) => [name, value]));
}

test('a container’s cpu time lies between the kernel’s file before and after, and its group’s too', async () => {
  const group = world.cgroup('acme');
  const told = await until('what was scraped was read in between', async () => {
    const beforeMs = Date.now();
    const [before, beforeOfGroup, { periods }] = [cpuUsageNs(cgroup), cpuUsageNs(group), throttling(cgroup)];
    const samples = parseExposition(await scrape());
    const [after, afterOfGroup, { periods: lastPeriods }] = [cpuUsageNs(cgroup), cpuUsageNs(group), throttling(cgroup)];
    const row = rowOf(samples, cgroup.path);
    const ofGroup = rowOf(samples, group.path);
    // A scrape within a second of another is told the same.
    if (nsOfSeconds(ofGroup['container_last_seen'] ?? '0') <= BigInt(beforeMs) * NS_PER_MS) return null;
    const used = nsOfSeconds(row['container_cpu_usage_seconds_total'] ?? '0');
    expect(used).toBeGreaterThanOrEqual(before);
    expect(used).toBeLessThanOrEqual(after);
    const usedByGroup = nsOfSeconds(ofGroup['container_cpu_usage_seconds_total'] ?? '0');
    expect(usedByGroup).toBeGreaterThanOrEqual(beforeOfGroup);
    expect(usedByGroup).toBeLessThanOrEqual(afterOfGroup);
    const told = Number(row['container_cpu_cfs_periods_total']);
    expect(told).toBeGreaterThanOrEqual(periods);
    expect(told).toBeLessThanOrEqual(lastPeriods);
    return row;
  });
  expect(told).toMatchObject({
    container_spec_memory_limit_bytes: String(64 * MEBIBYTE),
    container_spec_cpu_quota: '50000',
    container_spec_cpu_period: '100000',
    container_threads: '1',
    container_threads_max: '7',
    container_oom_events_total: '0',
    container_network_receive_bytes_total: '0',
    plimsoll_container_frozen: '0',
    plimsoll_container_starts_total: '1',
  });
  const startedMs = Date.parse((burning.state as { startedAt: string }).startedAt);
  expect(nsOfSeconds(told?.['container_start_time_seconds'] ?? '')).toBe(BigInt(startedMs) * NS_PER_MS);
  expect('container_pressure_cpu_waiting_seconds_total' in told).toBe(existsSync(`${HOST_LAYOUT.unified}/cpu.pressure`));
});

test('of a frozen container it tells what the kernel’s files say, to the nanosecond', async () => {
  const { id } = await client.command('container.run', { command: ['/bin/sh', '-c', 'while :; do :; done'], group: GROUP });
  const frozen = world.cgroup(`${GROUP}/${id}`);
  await client.command('container.freeze', { container: id });
  const row = await until('it is told to be frozen', async () => {
    const row = rowOf(parseExposition(await scrape()), frozen.path);
    return row['plimsoll_container_frozen'] === '1' ? row : null;
  });
  expect(nsOfSeconds(row?.['container_cpu_usage_seconds_total'] ?? '')).toBe(cpuUsageNs(frozen));
  expect(row?.['container_threads']).toBe(String(pidsCurrent(frozen)));
  await client.command('container.remove', { container: id, force: true });
});

test('its labels are its name, its image, its group and its own, and no secret is told', async () => {
  const text = await scrape();
  const sample = parseExposition(text).find(
    ({ name, labels }) => name === 'container_memory_rss' && labels['name'] === 'burning',
  );
  expect(sample?.labels).toEqual({
    id: `/${cgroup.path}`,
    name: 'burning',
    image: 'base',
    plimsoll_group: GROUP,
    container_label_org_example_team_1: 'a "quoted" \\ name\nin two lines',
  });
  expect(text).not.toMatch(/secret/);
});

test('the agent’s own socket tells the same to who has a token', async () => {
  const get = async (headers: Record<string, string>) => {
    const sent = request({ socketPath: world.state.agentSocket, path: '/metrics', headers }).end();
    const [response] = (await once(sent, 'response')) as [IncomingMessage];
    let text = '';
    for await (const part of response.setEncoding('utf8')) text += part as string;
    return { status: response.statusCode, type: response.headers['content-type'], text };
  };
  expect((await get({})).status).toBe(401);
  const token = readFileSync(world.state.localToken, 'utf8').trim();
  const answer = await get({ authorization: `Bearer ${token}` });
  expect(answer).toMatchObject({ status: 200, type: 'text/plain; version=0.0.4; charset=utf-8' });
  expect(rowOf(parseExposition(answer.text), cgroup.path)).toHaveProperty('container_cpu_usage_seconds_total');
});

test('an agent that would listen to others than this host does not start, and says why', async () => {
  await using other = new World();
  await expect(other.startAgent({ PLIMSOLL_METRICS: '0.0.0.0:9090' })).rejects.toThrow(
    /PLIMSOLL_METRICS is .*it must be a loopback address/,
  );
});

const reason = WITHOUT_PROMETHEUS === null ? '' : ` (${WITHOUT_PROMETHEUS})`;
describe.skipIf(WITHOUT_PROMETHEUS !== null)(`Prometheus itself${reason}`, () => {
  test('has nothing against the text', async () => {
    expect(objectionsTo(await scrape())).toBe('');
    expect(objectionsTo('a_total{ 1\n'), 'promtool looks').not.toBe('');
  });

  test('scrapes it, and answers the queries of the dashboard', async () => {
    await using prometheus = await Prometheus.scraping(new URL(url).host);
    const rate = `rate(container_cpu_usage_seconds_total{name="burning",cpu="total"}[${RANGE}])`;
    const series = await until('it has scraped twice', async () => {
      const [found] = await prometheus.query(rate);
      return found !== undefined && found.value > 0 ? found : null;
    });
    // Half a cpu is its limit; a rate is drawn out to the ends of its interval.
    expect(series?.value).toBeLessThan(1);
    expect(series?.metric).toMatchObject({
      id: `/${cgroup.path}`,
      image: 'base',
      plimsoll_group: GROUP,
      container_label_org_example_team_1: 'a "quoted" \\ name\nin two lines',
    });
    expect(await prometheus.query('up{job="plimsoll"}')).toMatchObject([{ value: 1 }]);
    expect(await prometheus.query('plimsoll_container_state{name="burning"} == 1')).toMatchObject([
      { metric: { state: 'running' } },
    ]);
    const told = new Set(parseExposition(await scrape()).map(({ name }) => name));
    for (const expression of dashboardExpressions()) {
      const found = await prometheus.query(expression);
      // This host may lack a counter, and then has nothing to show.
      const isTold = METRIC_NAMES.filter((name) => expression.includes(`${name}{`)).every((name) => told.has(name));
      expect(found.length > 0, expression).toBe(isTold);
    }
  });
});

/** As Grafana would send them for everything. */
function dashboardExpressions(): string[] {
  const text = readFileSync(join(import.meta.dirname, '../../docs/grafana/plimsoll.json'), 'utf8');
  const expressions: string[] = [];
  JSON.parse(text, (key, value: unknown) => {
    if (key === 'expr' && typeof value === 'string') expressions.push(value);
    return value;
  });
  expect(expressions.length).toBeGreaterThan(10);
  return expressions.map((expression) => expression.replaceAll('$__rate_interval', RANGE).replaceAll(/\$(?:group|name)/g, '.*'));
}
