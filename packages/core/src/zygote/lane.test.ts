import { describe, expect, test } from 'vitest';
import { FairQueue } from './fair-queue.ts';
import { Lane } from './lane.ts';

describe('a lane of eight', () => {
  const lane = (...shares: string[]): Lane<string> => {
    const made = new Lane<string>(8);
    for (const share of shares) made.playing.add({ share });
    return made;
  };

  test('leaves half to others than one share', () => {
    expect(lane('a', 'a', 'a').mayBegin('a')).toBe(true);
    expect(lane('a', 'a', 'a', 'a').mayBegin('a')).toBe(false);
    expect(lane('a', 'a', 'a', 'a').mayBegin('b')).toBe(true);
  });

  test('leaves one to a share, and to Plimsoll, however many others have theirs', () => {
    const two = lane('a', 'a', 'a', 'a', 'b', 'b');
    expect(two.mayBegin('b')).toBe(false);
    for (const share of ['c', '']) expect(two.mayBegin(share)).toBe(true);
    const many = lane('a', 'a', 'a', 'a', ...Array.from({ length: 59 }, (_, i) => `b${i}`));
    for (const share of ['c', '']) expect(many.mayBegin(share)).toBe(true);
    expect(many.mayBegin('b7')).toBe(false);
    many.playing.add({ share: '' });
    expect(many.mayBegin('')).toBe(false);
  });

  test('plays no more than 64 programs, and one of Plimsoll', () => {
    const full = lane(...Array.from({ length: 64 }, (_, i) => `a${i}`));
    expect(full.mayBegin('b')).toBe(false);
    expect(full.mayBegin('')).toBe(true);
  });

  test('does not count what a freeze holds', () => {
    const full = lane('a', 'b', 'b', 'c');
    const isFrozen = { now: true };
    for (let i = 0; i < 4; i++) full.playing.add({ share: 'a', isHeld: () => isFrozen.now });
    expect(full.mayBegin('a')).toBe(true);
    isFrozen.now = false;
    expect(full.mayBegin('a')).toBe(false);
  });

  test('lets no program overtake one of its own share', () => {
    const free = lane();
    free.wait('a', 'first');
    expect(free.mayBegin('a')).toBe(false);
    expect(free.mayBegin('b')).toBe(true);
    expect(free.next()).toBe('first');
    expect(free.mayBegin('a')).toBe(true);
  });
});

describe('a lane of one', () => {
  test('plays one program of each share', () => {
    const lane = new Lane<string>(1);
    expect(lane.mayBegin('a')).toBe(true);
    lane.playing.add({ share: 'a' });
    expect(lane.mayBegin('a')).toBe(false);
    expect(lane.mayBegin('b')).toBe(true);
  });
});

describe('a fair queue', () => {
  const all = () => true;

  test('serves shares in turn, and each in its order', () => {
    const queue = new FairQueue<string>();
    for (const item of ['a1', 'a2', 'a3', 'b1', 'c1', 'c2']) queue.add(item.slice(0, 1), item);
    const served = Array.from({ length: 6 }, () => queue.next(all));
    expect(served).toEqual(['a1', 'b1', 'c1', 'a2', 'c2', 'a3']);
    expect(queue.next(all)).toBeUndefined();
    expect(queue.isEmpty).toBe(true);
  });

  test('passes by a share that may have none', () => {
    const queue = new FairQueue<string>();
    for (const item of ['a1', 'b1']) queue.add(item.slice(0, 1), item);
    expect(queue.next((share) => share !== 'a')).toBe('b1');
    expect(queue.next((share) => share !== 'a')).toBeUndefined();
    expect(queue.next(all)).toBe('a1');
  });

  test('forgets an item that is taken out, once', () => {
    const queue = new FairQueue<string>();
    const [first] = ['a1', 'a2'].map((item) => queue.add('a', item));
    first?.[Symbol.dispose]();
    first?.[Symbol.dispose]();
    expect(queue.next(all)).toBe('a2');
    expect(queue.has('a')).toBe(false);
  });
});
