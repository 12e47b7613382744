import { Writable } from 'node:stream';
import { expect, test } from 'vitest';
import { widthOf } from './display-width.ts';
import { tables, writeTable, type Sample } from './stats-report.ts';

class Screen extends Writable {
  readonly isTTY: boolean;
  readonly columns: number | undefined;
  text = '';

  constructor(columns?: number) {
    super();
    this.isTTY = columns !== undefined;
    this.columns = columns;
  }

  override _write(chunk: Buffer, _: BufferEncoding, done: () => void): void {
    this.text += chunk.toString();
    done();
  }
}

const sample = (name: string): Sample => ({
  time: '2026-01-01T00:00:00.000Z',
  of: { id: '0123456789abcdef', name, group: 'acme', memoryLimitBytes: 128 * 2 ** 20, diskLimitBytes: 2 ** 30 },
  cpuUsageNs: '1',
  cpuCores: 0.5,
  memoryWorkingSetBytes: 64 * 2 ** 20,
  ioReadBytesPerS: 1536,
  ioWriteBytesPerS: Number.NaN,
  pids: 1234,
  diskBytes: 12 * 2 ** 20,
});
const SAMPLES = [sample('a-container-with-quite-a-long-name-of-its-own'), sample('db')];

test.each([60, 80, 100])('a terminal of %i cells has every figure of memory, cpu and processes', async (columns) => {
  const screen = new Screen(columns);
  await writeTable(screen, SAMPLES);
  const [header, ...rows] = screen.text.trimEnd().split('\n');
  const left = { 60: 'READ +PIDS', 80: 'READ +WRITE +PIDS', 100: 'READ +WRITE +PIDS +DISK' }[columns];
  expect(header).toMatch(new RegExp(`^NAME +CPUS +MEMORY +${left}$`));
  for (const row of rows) {
    expect(row).toMatch(/ 0\.50 +64\.0 MiB \/ 128 MiB .* 1234(?: +12\.0 MiB \/ 1\.00 GiB)?$/);
    expect(widthOf(row)).toBeLessThanOrEqual(columns);
  }
});

test.each([60, 80])('of groups the end of the path stays in %i cells', async (columns) => {
  const screen = new Screen(columns);
  const group = (name: string): Sample => ({ ...sample(name), of: { ...sample(name).of, id: null, group: name } });
  await writeTable(screen, [group('customers/acme-inc-of-somewhere/web'), group('customers/acme-inc-of-somewhere/db')]);
  const [, web = '', db = ''] = screen.text.split('\n');
  expect([web, db].map((row) => row.split(' ', 1)[0])).toEqual([
    expect.stringMatching(/^….*\/web$/),
    expect.stringMatching(/^….*\/db$/),
  ]);
  for (const row of [web, db]) expect(widthOf(row)).toBeLessThanOrEqual(columns);
});

test('into a pipe there is one header, and then rows', async () => {
  const pipe = new Screen();
  const write = tables();
  for (const samples of [SAMPLES, SAMPLES, [], SAMPLES]) await write(pipe, samples);
  const lines = pipe.text.trimEnd().split('\n');
  expect(lines).toHaveLength(7);
  expect(lines.filter((line) => line.startsWith('NAME'))).toHaveLength(1);
});

test('a terminal is redrawn', async () => {
  const screen = new Screen(80);
  const write = tables();
  for (let i = 0; i < 2; i += 1) await write(screen, SAMPLES);
  expect(screen.text.split('\x1b[H\x1b[J').map((text) => text.split('\n')[0])).toEqual([
    '',
    ...Array(2).fill(screen.text.slice(6).split('\n')[0]),
  ]);
});
