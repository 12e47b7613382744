import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { SessionPace } from './session-pace.ts';

beforeEach(() => void vi.useFakeTimers({ toFake: ['performance'] }));
afterEach(() => void vi.useRealTimers());

function counted(pace: SessionPace, session: string, times: number, changes: boolean): number {
  let passed = 0;
  for (let i = 0; i < times; i++) {
    try {
      pace.count(session, changes);
      passed += 1;
    } catch (error) {
      expect(error).toMatchObject({ code: 'too-many' });
    }
  }
  return passed;
}

test('a session has its burst, and then so many a second, of changes a tenth', () => {
  const pace = new SessionPace();
  expect(counted(pace, 'a', 1000, true)).toBe(400);
  vi.advanceTimersByTime(1000);
  expect(counted(pace, 'a', 1000, true)).toBe(20);
  expect(counted(pace, 'a', 1000, false)).toBe(180);
  vi.advanceTimersByTime(20_000);
  expect(counted(pace, 'a', 1000, true)).toBe(400);
});

test("one session's flood is not another's", () => {
  const pace = new SessionPace();
  counted(pace, 'a', 1000, false);
  expect(counted(pace, 'b', 1, true)).toBe(1);
});

test('what is refused costs nothing', () => {
  const pace = new SessionPace();
  counted(pace, 'a', 100_000, true);
  vi.advanceTimersByTime(50);
  expect(counted(pace, 'a', 2, true)).toBe(1);
});
