// @module-tag kernel-full

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, readdirSync, readFileSync, readlinkSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { Cgroup, EPOLL, EventLoop } from '@plimsoll/core';
import { logFaultsWith } from '@plimsoll/core/guarded';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { hasOwnNetwork } from '../../packages/core/src/cgroups/sources/network.ts';
import { readReady } from '../../packages/core/src/events/read-ready.ts';
import { makePipe } from '../../packages/core/src/processes/pipe.ts';
import { IN } from '../../packages/core/src/abi/inotify.ts';
import { or } from '../../packages/core/src/abi/flags.ts';
import { tryCall } from '../../packages/core/src/program/call.ts';
import { HOST_LAYOUT } from '../support/layouts.ts';
import { FULL } from '../support/full.ts';
import { SLOWNESS } from '../support/slowness.ts';
import { until } from '../support/until.ts';
import { REQUEST_DEADLINE_MS, World } from '../support/world.ts';

/** Processes that end while they are looked at. */
const PROCESSES = SLOWNESS > 1 ? 30 : 150;
/** Containers that live for milliseconds. */
const SHORT_LIVED = SLOWNESS > 1 ? 20 : FULL ? 3000 : 100;

describe('a callback of the event loop that throws', () => {
  const logged: string[] = [];
  beforeEach(() => {
    logged.length = 0;
    logFaultsWith((what, error) => logged.push(`${what}: ${String(error)}`));
  });
  afterEach(() => logFaultsWith(() => {}));

  test('is logged with what it watched, keeps no other from being called, and is called again', async () => {
    using loop = new EventLoop();
    const [broken, sound] = [makePipe(), makePipe()];
    const calls = { broken: 0, sound: 0 };
    const byte = Buffer.alloc(1);
    using owned = new DisposableStack();
    const onBroken = (): void => {
      if (++calls.broken < 3) throw new Error('ENOSPC');
      readReady(broken.read, byte);
    };
    owned.use(loop.watch('the output of container 1', broken.read, EPOLL.EPOLLIN, onBroken));
    owned.use(
      loop.watch('the output of container 2', sound.read, EPOLL.EPOLLIN, () => {
        calls.sound += readReady(sound.read, byte);
      }),
    );
    writeSync(broken.write, 'x');
    for (let i = 1; i <= 3; i++) {
      writeSync(sound.write, 'x');
      await until('the other one is called', () => calls.sound === i);
    }
    await until('it is called again', () => calls.broken === 3);
    expect(logged).toEqual(['the output of container 1: Error: ENOSPC']);
    owned.dispose();
    for (const fd of [broken.read, broken.write, sound.read, sound.write]) closeSync(fd);
  });
});

test('a process that ends while its network is looked up has none of its own', async () => {
  for (let i = 0; i < PROCESSES; i++) {
    const child = spawn('/bin/true', { stdio: 'ignore' });
    const ended = once(child, 'exit');
    let isOver = false;
    void ended.then(() => (isOver = true));
    // It shares this process's network: true would be wrong, and an error goes on to whoever follows containers.
    while (!isOver) {
      for (let look = 0; look < 50; look++) expect(hasOwnNetwork(child.pid ?? 0)).toBe(false);
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
});

test('errors that nothing has caught are logged and survived, up to a hundred within a minute', async () => {
  const uncaught = join(import.meta.dirname, '../../apps/agent/src/supervisor/uncaught.ts');
  const script = `
    const { surviveUncaught } = await import(${JSON.stringify(uncaught)});
    surviveUncaught(() => process.exit(3));
    let thrown = 0;
    setInterval(() => {
      thrown += 1;
      if (thrown % 2 === 0) throw new Error('fault ' + thrown);
      Promise.reject(new Error('fault ' + thrown));
    }, 1);
  `;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', script], { stdio: ['ignore', 'ignore', 'pipe'] });
  let text = '';
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
  expect(await once(child, 'close')).toEqual([3, null]);
  expect(text.match(/an error that nothing has caught/g)).toHaveLength(100);
  expect(text).toContain('(unhandledRejection)');
  expect(text).toContain('(uncaughtException)');
  expect(text).toContain('fault 99');
});

describe('with a supervisor', () => {
  let world: World;
  afterEach(async () => await world[Symbol.asyncDispose]());

  test('containers that live for milliseconds do not cost the agent its connection', async () => {
    world = await World.make();
    let started = 0;
    const worker = async (): Promise<void> => {
      while (started++ < SHORT_LIVED) {
        const { id } = await world.run(['true']);
        await world.link.request('wait', { id }, REQUEST_DEADLINE_MS);
        await world.link.request('remove', { id, force: false }, REQUEST_DEADLINE_MS);
      }
    };
    await Promise.all(Array.from({ length: 4 }, worker));
    const client = await world.client();
    const { events } = await client.command('event.list', { subjects: ['supervisor'] });
    expect(events.map(({ kind }) => kind)).toEqual(['supervisor.started']);
    expect(readFileSync(join(world.directory, 'agent.log'), 'utf8')).not.toMatch(/ error /);
  });

  test('one that starts while no inotify instance is left says so, works, and watches cgroups when there is one', async () => {
    using instances = new InotifyInstances();
    instances.takeAll();
    world = await World.make({ agent: false });
    const container = await world.run(['sleep', '1000']);
    const { id } = container;
    const log = readFileSync(join(world.directory, 'supervisor.log'), 'utf8');
    expect(log).toContain('fs.inotify.max_user_instances');
    expect(log).not.toContain('ulimit');
    await world.link.request('freeze', { id }, REQUEST_DEADLINE_MS);
    await world.link.request('thaw', { id }, REQUEST_DEADLINE_MS);
    expect((await world.record(id))?.state.status).toBe('running');
    instances[Symbol.dispose]();
    const pid = world.supervisor?.pid ?? 0;
    await until('it has an inotify instance', () => descriptorsOf(pid).includes('anon_inode:inotify'));
    const freeze = new Cgroup(HOST_LAYOUT, container.cgroup).unifiedFile('cgroup.freeze');
    if (freeze === null) return;
    writeFileSync(freeze, '1');
    await until('the freeze by another is seen', async () => (await world.record(id))?.state.status === 'frozen');
  });
});

/** All inotify instances that this user may have, those too that others give back meanwhile. */
class InotifyInstances implements Disposable {
  readonly #taken: number[] = [];
  readonly #again = setInterval(() => this.takeAll(), 1);

  takeAll(): void {
    for (let fd = 0; fd >= 0;) {
      fd = tryCall('inotify_init1', or(IN, 'IN_NONBLOCK', 'IN_CLOEXEC'));
      if (fd >= 0) this.#taken.push(fd);
    }
  }

  [Symbol.dispose](): void {
    clearInterval(this.#again);
    for (const fd of this.#taken.splice(0)) closeSync(fd);
  }
}

function descriptorsOf(pid: number): string[] {
  return readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
    try {
      return [readlinkSync(`/proc/${pid}/fd/${fd}`)];
    } catch {
      return [];
    }
  });
}
