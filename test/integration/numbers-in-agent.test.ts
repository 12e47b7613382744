// @module-tag kernel
// @module-tag quiet

import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { commandName, whyNoProjectQuotas } from '@plimsoll/core';
import { CONTAINER_COLUMNS, GAP, type Samples } from '@plimsoll/protocol';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { AgentClient } from '../../apps/agent/src/client/agent-client.ts';
import { HOST_LAYOUT } from '../support/layouts.ts';
import { until } from '../support/until.ts';
import { World } from '../support/world.ts';

const MEBIBYTE = 1024 * 1024;

let world: World;
let client: AgentClient;
beforeAll(async () => {
  world = await World.make();
  client = await world.client();
});
afterAll(async () => await world?.[Symbol.asyncDispose]());

const hasPressure = existsSync(`${HOST_LAYOUT.unified}/cpu.pressure`);
/** The columns of its one row that have no figure, and should. */
const missing = ({ columns }: Samples) =>
  CONTAINER_COLUMNS.filter((name) => hasPressure || !name.endsWith('Pressure')).filter((name) => {
    const value = columns[name]?.[0];
    return value === undefined || value === GAP || Number.isNaN(value);
  });

async function frameWhere(isSuch: (frame: Samples) => boolean): Promise<Samples> {
  for (;;) {
    const [frame] = (await once(client, 'samples')) as [Samples];
    if (isSuch(frame)) return frame;
  }
}

test('a watched container has a figure in every column, and the size of its layer', async () => {
  const { id } = await client.command('container.run', {
    command: [
      '/bin/sh',
      '-c',
      '[ -e /f ] || dd if=/dev/zero of=/f bs=1M count=8 conv=fsync 2>/dev/null; touch /done; exec sleep infinity',
    ],
    limits: { cpus: 1, memoryBytes: 64 * MEBIBYTE, swapBytes: 0, pids: 10 },
  });
  const directory = join(world.state.lib, 'containers', id, 'upper');
  await until('its file is written', () => existsSync(join(directory, 'done')));
  // The layer is walked when it starts, and then each half minute.
  await client.command('container.kill', { container: id });
  const { state } = await client.command('container.start', { container: id });
  await until('it sleeps, and is alone', () => commandName('pid' in state ? state.pid : 0) === 'sleep');
  await client.watch({ kind: 'container', container: id });
  // Those that come last: a rate needs a second reading of the detail, and the layer is walked in the background.
  const frame = await frameWhere(({ columns }) =>
    [columns.netSentBytesPerS![0], columns.diskUpperBytes![0]].every((value) => value! >= 0),
  );
  expect(missing(frame)).toEqual([]);
  expect(frame.columns).toMatchObject({
    memoryLimitBytes: new Float64Array([64 * MEBIBYTE]),
    pidsLimit: new Float32Array([10]),
    pids: new Float32Array([1]),
    oomKills: new Float32Array([0]),
    netReceivedBytesPerS: new Float32Array([0]),
  });
  // A layer's project has overlay's own directory too.
  const hasQuotas = whyNoProjectQuotas(directory) === null;
  const parts = hasQuotas ? [directory, join(directory, '../work')] : [directory];
  const du = execFileSync('du', ['-s', '-c', '--block-size=1', ...parts], { encoding: 'utf8' });
  expect(frame.columns.diskUpperBytes![0]).toBe(Number.parseInt(du.trim().split('\n').at(-1) ?? '', 10));
  expect(frame.columns.diskUpperBytes![0]).toBeGreaterThan(8 * MEBIBYTE);
  const history = await client.watch({ kind: 'container', container: id });
  expect(history.columns.memoryLimitBytes?.at(-1)).toBe(64 * MEBIBYTE);
});

test('what nobody watches is read in full all the same, up to ten seconds ago', async () => {
  const { id, handle } = await client.command('container.run', { command: ['sleep', 'infinity'], limits: { pids: 10 } });
  await client.watch({ kind: 'table' });
  const { times } = await frameWhere(({ handles }) => handles.includes(handle));
  // Twice, so that rates of the detail are there.
  await frameWhere((frame) => frame.times[0]! > times[0]! + 12_000);
  const { columns } = await client.watch({ kind: 'container', container: id });
  const last = columns.pidsLimit!.length - 2;
  expect(columns.pidsLimit![last]).toBe(10);
  expect(columns.netSentBytesPerS![last]).toBe(0);
  expect(columns.cpuUserCores![last]).toBeGreaterThanOrEqual(0);
});
