import { randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { World } from '../support/world.ts';

const MIB = 1024 * 1024;

/** Neither UTF-8, nor lines of a usual length; with and without a newline as the last byte. */
const OUTPUTS = [
  Buffer.concat([Buffer.from('\ufeffcaf\xe9\r\n\0\n\n', 'latin1'), randomBytes(MIB), Buffer.from('\n')]),
  Buffer.concat([Buffer.from('\ufeff\n'), randomBytes(MIB), Buffer.from('x'.repeat(100_000))]),
] as const;

test('`plimsoll logs` of a container that has ended prints what it wrote, byte for byte on each stream', async () => {
  const world = await World.shared();
  const files = join(world.directory, 'of-logs-bytes');
  mkdirSync(files, { mode: 0o755 });
  for (const [i, bytes] of OUTPUTS.entries()) writeFileSync(join(files, String(i)), bytes);
  const script = 'cat /files/0; cat /files/1 >&2';
  const run = world.plimsollProcess(['run', '--name', 'bytes', '-v', `${files}:/files:ro`, '--', 'sh', '-c', script]);
  expect((await run.ended).code).toBe(0);
  const logs = world.plimsollProcess(['logs', 'bytes']);
  expect((await logs.ended).code).toBe(0);
  for (const [i, stream] of (['stdout', 'stderr'] as const).entries()) {
    // A failure does not print a mebibyte.
    expect(logs.bytes(stream).length).toBe(OUTPUTS[i]?.length);
    expect(logs.bytes(stream).equals(OUTPUTS[i] ?? Buffer.alloc(0))).toBe(true);
  }
});
