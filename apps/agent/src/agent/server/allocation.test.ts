import type { Usage, UsageReport } from '@plimsoll/protocol';
import { describe, expect, test } from 'vitest';
import { parseAllocationQuery, toAllocations } from './allocation.ts';

const NOW = Date.parse('2026-01-31T12:00:00Z');
const parsed = (text: string) => parseAllocationQuery(new URLSearchParams(text), NOW);

describe('a query', () => {
  test.each([
    ['window=24h', '2026-01-30T12:00:00.000Z', '2026-01-31T12:00:00.000Z'],
    ['window=today', '2026-01-31T00:00:00.000Z', '2026-01-31T12:00:00.000Z'],
    ['window=yesterday', '2026-01-30T00:00:00.000Z', '2026-01-31T00:00:00.000Z'],
    // A Saturday.
    ['window=week', '2026-01-25T00:00:00.000Z', '2026-01-31T12:00:00.000Z'],
    ['window=month', '2026-01-01T00:00:00.000Z', '2026-01-31T12:00:00.000Z'],
    ['window=2026-01-01T00:00:00Z,2026-01-02T00:00:00Z', '2026-01-01T00:00:00.000Z', '2026-01-02T00:00:00.000Z'],
    ['window=1767225600,1767312000', '2026-01-01T00:00:00.000Z', '2026-01-02T00:00:00.000Z'],
  ])('%s', (text, from, to) => {
    expect(parsed(text).query).toMatchObject({ from, to });
  });

  test('has all that usage can be asked for', () => {
    const text = 'window=2d&aggregate=label:team&step=1d&includeIdle=true&group=acme&image=base&label=env%3Dprod';
    expect(parsed(text)).toMatchObject({
      query: { aggregate: 'label:team', stepMs: 86_400_000, group: 'acme', image: 'base', label: { key: 'env', value: 'prod' } },
      includeIdle: true,
    });
    expect(parsed('step=1h&accumulate=true').query.stepMs).toBeUndefined();
  });

  test.each(['window=soon', 'window=1,2,3', 'window=1d,', 'step=1', 'includeIdle=yes', 'windows=1d'])('%s is refused', (text) => {
    expect(() => parsed(text)).toThrow(/not clear|no parameter/);
  });
});

test('figures are by the hour and on average, beside the exact ones; idle is told apart', () => {
  const usage: Usage = {
    ...{ cpuNs: '3600000000000', cpuReservedNs: '7200000000000', memoryByteMs: '7200000000', memoryReservedByteMs: '0' },
    ...{ memoryLeastByteMs: '0', memoryMostByteMs: null },
    ...{ ioReadBytes: null, ioWriteBytes: null, ioReadOps: null, ioWriteOps: null },
    ...{ netReceivedBytes: null, netSentBytes: '5', elapsedMs: '7200000', frozenMs: '0', estimatedMs: '0' },
  };
  const [from, to] = ['2026-01-31T10:00:00.000Z', '2026-01-31T12:00:00.000Z'];
  const rows = [{ key: 'abc', name: 'web', usage, incarnations: 1, running: 1 }];
  const report: UsageReport = { losses: [], steps: [{ from, to, rows, total: usage, idleCpuNs: '10800000000000' }], groups: [] };
  const [step] = toAllocations(report, parsed('includeIdle=true'));
  expect(step?.['abc']).toMatchObject({
    ...{ name: 'web', properties: { container: 'abc', name: 'web' }, window: { start: from, end: to }, minutes: 120 },
    ...{ cpuCoreHours: 1, cpuCoreUsageAverage: 0.5, cpuCoreRequestAverage: 1, ramByteHours: 2000, networkTransferBytes: 5 },
    exact: usage,
  });
  expect(step?.['__idle__']).toMatchObject({ cpuCoreHours: 3, exact: null });
  expect(toAllocations(report, parsed(''))[0]).not.toHaveProperty('__idle__');
});
