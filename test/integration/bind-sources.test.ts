// @module-tag kernel-full

import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ContainerView, CreateContainerInput } from '@plimsoll/protocol';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { AgentClient } from '../../apps/agent/src/client/agent-client.ts';
import { connect } from '../../apps/agent/src/client/connect.ts';
import { ended } from '../support/ended.ts';
import { makeAttemptsLayer, whyNoAttempts } from '../support/escape/attempts-program.ts';
import { ownDirectory } from '../support/leftovers.ts';
import { until } from '../support/until.ts';
import { World } from '../support/world.ts';

const STARTS = 60;
const SECRET = 'of the host alone';

let world: World;
let client: AgentClient;
beforeAll(async () => {
  world = await World.make();
  client = await connect(world.state);
});
afterAll(async () => {
  client?.[Symbol.dispose]();
  await world?.[Symbol.asyncDispose]();
});

/** `shared` is the source of the first container's bind; `outside` is not for containers. */
let shared: string;
let outside: string;
beforeEach(() => {
  const directory = mkdtempSync(join(ownDirectory(), 'binds-'));
  [shared, outside] = [join(directory, 'shared'), join(directory, 'outside')];
  for (const path of [join(shared, 'sub'), outside]) mkdirSync(path, { recursive: true });
  writeFileSync(join(outside, 'secret'), SECRET, { mode: 0o600 });
  writeFileSync(join(shared, 'sub/plain'), 'plain');
});
afterEach(async () => {
  for (const { id } of await client.command('container.list', {})) {
    await client.command('container.remove', { container: id, force: true });
  }
  rmSync(join(shared, '..'), { recursive: true });
});

const bind = (source: string, destination = '/d', more: object = {}) =>
  ({ kind: 'bind', source, destination, idmap: true, ...more }) as const;
const run = (request: CreateContainerInput) => client.command('container.run', { command: ['sleep', 'infinity'], ...request });
/** One that may write below `shared`, and has ended. */
const writer = async (script: string, more: object = {}): Promise<void> => {
  const { id } = await run({ name: 'writer', command: ['sh', '-c', script], mounts: [bind(shared, '/d', more)] });
  await ended(client, id);
};
const refusal = {
  code: 'conflict',
  message: expect.stringMatching(
    /leads through a symbolic link below \S+\/shared, which container "writer" may write to/,
  ) as string,
  hint: expect.stringContaining('by its own path') as string,
};

describe('a link that a container has made below its writable bind', () => {
  test.each([
    ['in the place of the source', 'rm -r /d/sub; ln -s $OUTSIDE /d/sub', '/sub'],
    ['on the way', 'ln -s $OUTSIDE/.. /d/up', '/up/outside'],
  ])('%s is refused as a source, also when that container does not run', async (_, script, source) => {
    await writer(script.replaceAll('$OUTSIDE', outside));
    await expect(run({ mounts: [bind(shared + source)] })).rejects.toMatchObject(refusal);
    expect((await client.command('container.list', {})).map(({ name }) => name)).toEqual(['writer']);
  });

  test('is refused at the next start of a container that had a directory there', async () => {
    const { id } = await run({ name: 'reader', mounts: [bind(join(shared, 'sub'))] });
    await client.command('container.stop', { container: id, graceMs: 0 });
    await writer(`rm -r /d/sub; ln -s ${outside} /d/sub`);
    await expect(client.command('container.start', { container: id })).rejects.toMatchObject(refusal);
  });

  test('is refused of a bind that the very container writes to', async () => {
    symlinkSync(outside, join(shared, 'out'));
    const both = run({ name: 'writer', mounts: [bind(shared), bind(join(shared, 'out'), '/e')] });
    await expect(both).rejects.toMatchObject(refusal);
  });

  test('is refused when a supervisor came after it', async () => {
    await writer(`ln -s ${outside} /d/out`);
    await world.end('supervisor');
    await world.startSupervisor();
    await expect(run({ mounts: [bind(join(shared, 'out'))] })).rejects.toMatchObject(refusal);
  });

  test('is refused in a volume, and in the layer of a container', async () => {
    const { id } = await run({
      command: ['sh', '-c', `ln -s ${outside} /v/out; ln -s ${outside} /out`],
      mounts: [{ kind: 'volume', volume: 'data', destination: '/v' }],
    });
    await ended(client, id);
    const { lib } = world.state;
    for (const source of ['volumes/data/data/out', `containers/${id}/upper/out`]) {
      await expect(run({ mounts: [bind(join(lib, source))] })).rejects.toMatchObject({
        code: 'conflict',
        message: expect.stringContaining('where containers write') as string,
      });
    }
  });
});

describe('what no container can have made is followed as before', () => {
  const content = async ({ id }: ContainerView): Promise<string> => {
    await ended(client, id);
    return world.log(id);
  };
  const reading = (source: string) => run({ command: ['sh', '-c', 'cat /d/*'], mounts: [bind(source)] });

  test('a directory below the bind of another container', async () => {
    await writer('true');
    expect(await content(await reading(join(shared, 'sub')))).toContain('plain');
  });

  test('a link of the host beside it, and one that leads into it', async () => {
    await writer('true');
    symlinkSync(outside, join(shared, '../link'));
    symlinkSync('shared/sub', join(shared, '../into'));
    expect(await content(await reading(join(shared, '../link')))).toContain(SECRET);
    expect(await content(await reading(join(shared, '../into')))).toContain('plain');
  });

  test('a link of the host below a bind that is read-only', async () => {
    symlinkSync(outside, join(shared, 'link'));
    await writer('true', { readOnly: true });
    expect(await content(await reading(join(shared, 'link')))).toContain(SECRET);
  });
});

describe.skipIf(whyNoAttempts !== null)(`a race${whyNoAttempts === null ? '' : ` (${whyNoAttempts})`}`, () => {
  test(`of a directory and a link, ${STARTS} times: no start gets where the link leads`, async () => {
    const program = makeAttemptsLayer(join(world.directory, 'attempts'));
    const { id } = await run({
      name: 'writer',
      command: ['sh', '-c', `ln -s ${outside} /d/link; exec /attempt swap-names /d/sub /d/link`],
      mounts: [bind(shared), bind(program, '/attempt', { readOnly: true })],
    });
    const seen: string[] = [];
    for (let i = 0; i < STARTS; i++) {
      const started = await run({ command: ['sh', '-c', 'cat /d/*'], mounts: [bind(join(shared, 'sub'))] }).catch(
        (error: unknown) => {
          expect(error).toMatchObject(refusal);
        },
      );
      if (started === undefined) {
        seen.push('refused');
        continue;
      }
      await ended(client, started.id);
      await until('its output is in its log', () => world.log(started.id) !== '');
      seen.push(world.log(started.id));
    }
    expect(seen.filter((one) => one.includes(SECRET))).toEqual([]);
    expect(new Set(seen.map((one) => one === 'refused')).size, 'both were met').toBe(2);
    expect((await client.command('container.inspect', { container: id })).state.status).toBe('running');
  });
});
