import { randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { LogFile } from '../log-file.ts';
import type { Gap, GapRecord } from '../log-gap.ts';
import { PastOutput } from './past-output.ts';

const noGap: GapRecord = { get: () => null, set: () => {}, onRetry: () => ({ [Symbol.dispose]: () => {} }) };

let directory: string;
let path: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'past-'));
  path = join(directory, 'log');
});
afterEach(() => rmSync(directory, { recursive: true }));

type Position = { stdout: number; stderr: number };

async function between(from: Position, to: Position): Promise<{ stdout: string; stderr: string; lost: Record<string, number> }> {
  using past = new PastOutput(path);
  const found = { stdout: '', stderr: '', lost: {} as Record<string, number> };
  for await (const piece of past.between(from, to)) {
    if ('lost' in piece) found.lost[piece.stream] = (found.lost[piece.stream] ?? 0) + piece.lost;
    else found[piece.stream] += piece.bytes.toString('latin1');
  }
  return found;
}

const START = { stdout: 0, stderr: 0 };

test('what each stream has had since a place is what was written, whatever it is', async () => {
  using log = new LogFile(path, noGap);
  log.append('stdout', Buffer.from('one\ntw'), START);
  log.append('stderr', Buffer.from([0xff, 0, 0x0d, 0x0a]), { stdout: 6, stderr: 0 });
  log.append('stdout', Buffer.from('o\n\n'), { stdout: 6, stderr: 4 });
  const end = { stdout: 9, stderr: 4 };
  expect(await between(START, end)).toEqual({ stdout: 'one\ntwo\n\n', stderr: '\xff\0\r\n', lost: {} });
  expect(await between({ stdout: 5, stderr: 3 }, end)).toEqual({ stdout: 'wo\n\n', stderr: '\n', lost: {} });
  expect(await between(end, end)).toEqual({ stdout: '', stderr: '', lost: {} });
});

test('random bytes of several files, from any place on', async () => {
  const bytes = randomBytes(20_000_000);
  {
    using log = new LogFile(path, noGap);
    for (let at = 0; at < bytes.length; at += 65_536) {
      log.append('stdout', bytes.subarray(at, at + 65_536), { stdout: at, stderr: 0 });
    }
  }
  expect(existsSync(`${path}.1`)).toBe(true);
  for (const from of [0, 1_234_567, 17_000_000, bytes.length - 1]) {
    const { stdout, lost } = await between({ stdout: from, stderr: 0 }, { stdout: bytes.length, stderr: 0 });
    expect(stdout === bytes.subarray(from).toString('latin1')).toBe(true);
    expect(lost).toEqual({});
  }
});

test('what is written after it was opened is none of it', async () => {
  using log = new LogFile(path, noGap);
  log.append('stdout', Buffer.from('early'), START);
  using past = new PastOutput(path);
  log.append('stdout', Buffer.from('late'), { stdout: 5, stderr: 0 });
  const found: string[] = [];
  for await (const piece of past.between(START, { stdout: 5, stderr: 0 })) {
    found.push('lost' in piece ? `lost ${piece.lost}` : piece.bytes.toString());
  }
  expect(found).toEqual(['early']);
});

test('a piece that was counted and not recorded is missing, and nothing stands in its place', async () => {
  {
    using log = new LogFile(path, noGap);
    log.append('stdout', Buffer.from('0123456789'), START);
  }
  // The process was killed: the next one begins 4 bytes later.
  expect(await between({ stdout: 10, stderr: 0 }, { stdout: 14, stderr: 0 })).toEqual({
    stdout: '',
    stderr: '',
    lost: { stdout: 4 },
  });
  using log = new LogFile(path, noGap);
  log.append('stdout', Buffer.from('efgh'), { stdout: 14, stderr: 0 });
  const all = { stdout: 18, stderr: 0 };
  expect(await between({ stdout: 10, stderr: 0 }, all)).toEqual({ stdout: 'efgh', stderr: '', lost: { stdout: 4 } });
  expect(await between(START, all)).toEqual({ stdout: '0123456789efgh', stderr: '', lost: { stdout: 4 } });
});

test('what a full disk did not take is missing while its gap is pending, and after', async () => {
  const full: { gap: Gap | null; retry: () => void } = { gap: null, retry: () => {} };
  const gap: GapRecord = {
    get: () => full.gap,
    set: (found) => void (full.gap = found),
    onRetry: (write) => {
      full.retry = write;
      return { [Symbol.dispose]: () => {} };
    },
  };
  using log = new LogFile(path, gap);
  log.append('stdout', Buffer.from('begun'), START);
  full.gap = { fromMs: 0, toMs: 0, lines: 0, bytes: 3, why: 'full' };
  const isPending = { stdout: 8, stderr: 0 };
  expect(await between(START, isPending)).toEqual({ stdout: 'begun', stderr: '', lost: { stdout: 3 } });
  log.append('stdout', Buffer.from('after'), isPending);
  expect(await between(START, { stdout: 13, stderr: 0 })).toEqual({ stdout: 'begunafter', stderr: '', lost: { stdout: 3 } });
});

test('where there is no log all is lost', async () => {
  expect(await between(START, { stdout: 2, stderr: 0 })).toEqual({ stdout: '', stderr: '', lost: { stdout: 2 } });
});
