import { expect, it } from 'vitest';
import { SampleRing } from './sample-ring.ts';

const contents = (ring: SampleRing<'cpu'>) => Array.from({ length: ring.length }, (_, i) => [ring.time(i), ring.value('cpu', i)]);

it('keeps the newest in order', () => {
  const ring = new SampleRing(3, ['cpu']);
  for (let t = 1; t <= 5; t += 1) ring.push(t, () => t * 10);
  expect(contents(ring)).toEqual([
    [3, 30],
    [4, 40],
    [5, 50],
  ]);
  expect(ring.latest('cpu')).toBe(50);
});

it('drops what it has already', () => {
  const ring = new SampleRing(3, ['cpu']);
  ring.push(2, () => 1);
  ring.push(2, () => 9);
  ring.push(1, () => 9);
  expect(contents(ring)).toEqual([[2, 1]]);
});

it('has no reading when empty, or outside', () => {
  const ring = new SampleRing(2, ['cpu']);
  expect(ring.latest('cpu')).toBeNaN();
  ring.push(1, () => 1);
  expect(ring.value('cpu', 1)).toBeNaN();
  expect(ring.value('cpu', -1)).toBeNaN();
});

it('makes room for a history that knows better', () => {
  const ring = new SampleRing(3, ['cpu']);
  for (let t = 1; t <= 5; t += 1) ring.push(t, () => t);
  ring.dropFrom(4);
  ring.push(4, () => 40);
  expect(contents(ring)).toEqual([
    [3, 3],
    [4, 40],
  ]);
  ring.dropFrom(0);
  expect(ring.length).toBe(0);
  expect(ring.latestTime).toBeNaN();
});
