import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { LogFile } from '../log-file.ts';
import type { GapRecord } from '../log-gap.ts';
import { PastOutput } from './past-output.ts';

const noGap: GapRecord = { get: () => null, set: () => {}, onRetry: () => ({ [Symbol.dispose]: () => {} }) };

let directory: string;
let path: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'past-'));
  path = join(directory, 'log');
});
afterEach(() => rmSync(directory, { recursive: true }));

async function last(stdout: number, stderr: number): Promise<{ stdout: string; stderr: string; lost: Record<string, number> }> {
  using past = new PastOutput(path);
  const found = { stdout: '', stderr: '', lost: {} as Record<string, number> };
  for await (const piece of past.last({ stdout, stderr })) {
    if ('lost' in piece) found.lost[piece.stream] = piece.lost;
    else found[piece.stream] += piece.bytes.toString('latin1');
  }
  return found;
}

test('the last bytes of each stream are those that were written, whatever they are', async () => {
  using log = new LogFile(path, noGap);
  log.append('stdout', Buffer.from('one\ntw'));
  log.append('stderr', Buffer.from([0xff, 0, 0x0d, 0x0a]));
  log.append('stdout', Buffer.from('o\n\n'));
  expect(await last(10, 4)).toEqual({ stdout: 'one\ntwo\n\n'.slice(-10), stderr: '\xff\0\r\n', lost: { stdout: 1 } });
  expect(await last(4, 1)).toEqual({ stdout: 'wo\n\n', stderr: '\n', lost: {} });
  expect(await last(0, 0)).toEqual({ stdout: '', stderr: '', lost: {} });
});

test('random bytes of several reads, from any place on', async () => {
  const bytes = Buffer.alloc(3_000_000);
  for (let i = 0; i < bytes.length; i++) bytes[i] = (i * 2_654_435_761) >>> 13;
  using log = new LogFile(path, noGap);
  for (let at = 0; at < bytes.length; at += 65_536) log.append('stdout', bytes.subarray(at, at + 65_536));
  for (const wanted of [3_000_000, 1_234_567, 65_537, 1]) {
    expect((await last(wanted, 0)).stdout === bytes.subarray(bytes.length - wanted).toString('latin1')).toBe(true);
  }
});

test('what is written after it was opened is none of it, and the older file comes first', async () => {
  writeFileSync(`${path}.1`, '2026-01-31T23:59:59.123456000Z stdout F older\n');
  writeFileSync(path, '2026-01-31T23:59:59.123456000Z stdout P newer\n');
  using past = new PastOutput(path);
  writeFileSync(path, '2026-01-31T23:59:59.123456000Z stdout P late\n', { flag: 'a' });
  const found: string[] = [];
  for await (const piece of past.last({ stdout: 100, stderr: 0 })) {
    found.push('lost' in piece ? `lost ${piece.lost}` : piece.bytes.toString());
  }
  expect(found).toEqual(['lost 89', 'older\n', 'newer']);
});

test('what came before a gap counts as lost', async () => {
  const time = '2026-01-31T23:59:59.123456000Z';
  writeFileSync(path, `${time} stdout F before\n${time} stderr F:gap 2 lines were not recorded\n${time} stdout F after\n`);
  expect(await last(20, 3)).toEqual({ stdout: 'after\n', stderr: '', lost: { stdout: 14, stderr: 3 } });
});

test('where there is no log all is lost', async () => {
  expect(await last(2, 0)).toEqual({ stdout: '', stderr: '', lost: { stdout: 2 } });
});
