// @module-tag kernel

import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Attachment } from '../../apps/agent/src/client/attach.ts';
import { untilStill } from '../support/until.ts';
import { REQUEST_DEADLINE_MS, World } from '../support/world.ts';

let world: World;
beforeEach(async () => void (world = await World.make({ agent: false })));
afterEach(async () => await world[Symbol.asyncDispose]());

test('standard input that is on its way as the supervisor is killed arrives once, and no end comes between', async () => {
  const bytes = randomBytes(800_000);
  const command = ['sh', '-c', 'sleep 2; cat > /copy; exit 3'];
  const definition = { ...(await world.define({ command })), attended: true, openStdin: true };
  await world.link.request('run', { definition }, REQUEST_DEADLINE_MS);
  const stdin = new PassThrough();
  using attachment = new Attachment({
    ...{ state: world.state, container: definition.id, incarnation: 1, stdin, signal: new AbortController().signal },
    write: async () => {},
  });
  const end = attachment.untilEnd();
  // Awaited below.
  end.catch(() => {});
  // More than both FIFOs hold: some waits in each of them while no supervisor runs, and the rest with the client.
  for (let at = 0; at < 700_000; at += 10_000) stdin.write(bytes.subarray(at, at + 10_000));
  await untilStill('what the client has not read, its FIFOs are full', () => stdin.readableLength);
  expect(stdin.readableLength).toBeGreaterThan(0);
  await world.end('supervisor');
  await world.startSupervisor();
  stdin.end(bytes.subarray(700_000));
  expect(await end).toMatchObject({ record: { state: { status: 'exited', exitCode: 3 } }, inputProblem: null });
  const copy = readFileSync(join(world.state.lib, 'containers', definition.id, 'upper/copy'));
  expect([copy.length, copy.equals(bytes)]).toEqual([bytes.length, true]);
});
