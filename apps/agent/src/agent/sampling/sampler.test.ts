import { decodeSamples } from '@plimsoll/protocol';
import { expect, test } from 'vitest';
import { Sampler } from './sampler.ts';
import { ScriptedReader } from './scripted-reader.fixture.ts';

const newSampler = (): Sampler => new Sampler(() => new ScriptedReader(), 60_000);

test('a frame has a row for each cgroup that could be read', () => {
  using sampler = newSampler();
  sampler.start(1, 'plimsoll/one');
  sampler.start(2, 'plimsoll/gone');
  sampler.start(3, 'plimsoll/three');
  sampler.tick();
  const before = Date.now();
  sampler.tick();
  const { times, handles, columns } = decodeSamples(sampler.tableFrame());
  // The two clocks are a millisecond or so apart.
  expect(times[0]).toBeGreaterThan(before - 50);
  expect(times[0]).toBeLessThan(Date.now() + 50);
  expect([...handles]).toEqual([1, 3]);
  expect(columns.cpuCores?.[0]).toBeCloseTo(0.5, 5);
  expect(sampler.rowFrame(2)).toBeNull();
  expect(sampler.tableFrame(), 'made once a tick').toBe(sampler.tableFrame());
});

test('what ended keeps its history and has no frame any more', () => {
  using sampler = newSampler();
  sampler.start(1, 'plimsoll/one');
  sampler.tick();
  sampler.stop(1);
  sampler.tick();
  expect(sampler.rowFrame(1)).toBeNull();
  expect(decodeSamples(sampler.rowHistory(1)).times.length).toBe(1);
  sampler.forget(1);
  expect(decodeSamples(sampler.rowHistory(1)).times.length).toBe(0);
});

test('a history ends with a reading of this moment, also before the first tick', () => {
  using sampler = newSampler();
  sampler.start(1, 'plimsoll/one');
  const { times, columns } = decodeSamples(sampler.rowHistory(1));
  expect(times.length).toBe(1);
  expect(columns.cpuUsageNs?.[0]).toBeGreaterThan(0n);
  expect(columns.cpuCores?.[0]).toBeNaN();
});

test('the newest figures are those of the last tick, or of this moment', () => {
  using sampler = newSampler();
  expect(sampler.newest(1, true)).toBeNull();
  sampler.start(1, 'plimsoll/one');
  sampler.start(2, 'plimsoll/gone');
  const young = sampler.newest(1, false);
  expect(Math.abs((young?.at ?? 0) - Date.now())).toBeLessThan(1000);
  expect(young?.figures).toMatchObject({ cpuCores: Number.NaN, memoryWorkingSetBytes: 4096 });
  sampler.tick();
  const ticked = sampler.newest(1, false);
  expect(sampler.newest(1, false)?.figures).toBe(ticked?.figures);
  expect(sampler.newest(2, true)).toBeNull();
  sampler.stop(1);
  expect(sampler.newest(1, false)).toBeNull();
});

test('a row is watched in full as long as anybody watches it, through its starts and stops', () => {
  const reader = new ScriptedReader();
  using sampler = new Sampler(() => reader, 60_000);
  const first = sampler.watch(1);
  expect(reader.watched).toEqual([]);
  sampler.start(1, 'plimsoll/one');
  sampler.start(2, 'plimsoll/two');
  expect(reader.watched).toEqual(['plimsoll/one']);
  const second = sampler.watch(1);
  first[Symbol.dispose]();
  first[Symbol.dispose]();
  expect(reader.watched).toEqual(['plimsoll/one']);
  sampler.stop(1);
  expect(reader.watched).toEqual([]);
  sampler.start(1, 'plimsoll/one');
  sampler.tick();
  expect(reader.watched).toEqual(['plimsoll/one']);
  second[Symbol.dispose]();
  expect(reader.watched).toEqual([]);
});
