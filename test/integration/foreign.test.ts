// @module-tag kernel

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, readlinkSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { cgroupsOf } from '@plimsoll/core';
import { EVENTS, GAP, type CommandInput, type HostCgroup, type Samples, type Verb, type WatchAnswer } from '@plimsoll/protocol';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { AgentClient } from '../../apps/agent/src/client/agent-client.ts';
import { ForeignCgroups, HIERARCHIES } from '../support/foreign-cgroups.ts';
import { until } from '../support/until.ts';
import { openSocketIo } from '../support/wire.ts';
import { REQUEST_DEADLINE_MS, World } from '../support/world.ts';

const PLIMSOLL = join(import.meta.dirname, '../../apps/agent/bin/plimsoll');
const BURNING = ['/bin/sh', '-c', 'while :; do :; done'];
const V2 = ['v2'];
const hasV2 = HIERARCHIES.has('v2');
const hasFreezer = HIERARCHIES.has('freezer');
const hasV1Memory = HIERARCHIES.has('memory');

let world: World;
let client: AgentClient;
let foreign: ForeignCgroups;
beforeAll(async () => {
  world = await World.make({ agent: false });
  await world.startAgent({ PLIMSOLL_SAMPLE_MS: '100' });
  client = await world.client();
});
afterAll(async () => await world[Symbol.asyncDispose]());
beforeEach(() => {
  foreign = new ForeignCgroups();
});
afterEach(async () => {
  client.unwatch();
  await foreign[Symbol.asyncDispose]();
});

const list = async () => await client.command('kernel.cgroups', {});
const get = async (path: string) => (await client.command('kernel.cgroup', { path })).cgroup;
const freeze = async (path: string) => await client.command('kernel.freeze', { path, confirm: path });
const thaw = async (path: string) => await client.command('kernel.thaw', { path, confirm: path });
const kill = async (path: string) => await client.command('kernel.kill', { path, confirm: path });
const events = (path: string) => foreign.read('v2', path, 'cgroup.events');

async function refusal<V extends Verb>(verb: V, args: CommandInput<V>): Promise<{ code: string; message: string; hint: string }> {
  return await client.command(verb, args).then(
    () => ({ code: 'done', message: '', hint: '' }),
    (error: { code: string; message: string; hint: string }) => error,
  );
}

/** Freeze and kill are refused with this reason, of the agent and of the supervisor itself, and change nothing. */
async function expectGuarded(path: string, reason: string | RegExp): Promise<void> {
  for (const verb of ['kernel.freeze', 'kernel.thaw', 'kernel.kill'] as const) {
    expect(await refusal(verb, { path, confirm: path })).toMatchObject({
      code: 'forbidden',
      message: expect.stringMatching(reason),
    });
  }
}

async function expectGuardedBySupervisor(path: string, guards: number[], reason: string | RegExp): Promise<void> {
  for (const verb of ['foreignFreeze', 'foreignThaw', 'foreignKill'] as const) {
    await expect(world.link.request(verb, { path, guards }, REQUEST_DEADLINE_MS)).rejects.toMatchObject({
      code: 'forbidden',
      message: expect.stringMatching(reason) as string,
    });
  }
}

/** None where it has gone. */
function directoriesIn(directory: string): string[] {
  try {
    return readdirSync(directory, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? [entry.name] : []));
  } catch {
    return [];
  }
}

/** Whether it has memory: all through an exec, where its command line is empty for a time, and no more as a zombie. */
function isAlive(pid: number): boolean {
  try {
    return /^VmSize:/m.test(readFileSync(`/proc/${pid}/status`, 'latin1'));
  } catch {
    return false;
  }
}

describe('the tree', () => {
  test('has every cgroup of the host once, parents before children, in the hierarchies that have it', async () => {
    foreign.make('deep/er/est');
    foreign.make('deep-er');
    // Others on this host make and remove theirs: what counts is what stood still, and that nothing else is told of.
    const { cgroups, before, after } = await until('none came and went meanwhile', async () => {
      const before = directories();
      const told = await list();
      const after = directories();
      return told.every(({ path }) => before.has(path) || after.has(path)) ? { cgroups: told, before, after } : null;
    });
    const still = new Map([...before].filter(([path, hierarchies]) => isDeepStrictEqual(after.get(path), hierarchies)));
    const told = cgroups.filter(({ path }) => still.has(path));
    expect(new Map(told.map(({ path, hierarchies }) => [path, hierarchies]))).toEqual(still);
    expect([...still.keys()].filter((path) => path.startsWith(foreign.root))).toHaveLength(5);
    expect(new Set(cgroups.map(({ handle }) => handle)).size).toBe(cgroups.length);
    const paths = cgroups.map(({ path }) => path);
    for (const [i, path] of paths.entries()) {
      if (path !== '') expect(paths.indexOf(path.slice(0, Math.max(0, path.lastIndexOf('/'))))).toBeLessThan(i);
    }
    const own = (tree: HostCgroup[]) => tree.filter(({ path }) => path.startsWith(foreign.root));
    expect(own(await list())).toEqual(own(cgroups));
  });

  /** Every cgroup's path as the directories are, with the hierarchies that have it. */
  function directories(): Map<string, string[]> {
    const found = new Map<string, string[]>([['', [...HIERARCHIES.keys()]]]);
    const look = (name: string, directory: string, path: string) => {
      for (const child of directoriesIn(directory)) {
        const below = path === '' ? child : `${path}/${child}`;
        found.set(below, [...(found.get(below) ?? []), name]);
        look(name, join(directory, child), below);
      }
    };
    for (const [name, mount] of HIERARCHIES) look(name, mount, '');
    return found;
  }

  test('tells who made it, whether it has processes in it or below, and of the root that it is all', async () => {
    const id = 'a'.repeat(64);
    const docker = foreign.make(`docker-${id}.scope`);
    const unit = foreign.make('web.service/sub');
    const container = await client.command('container.run', { command: ['sleep', 'infinity'], group: 'acme' });
    const hierarchy = [...HIERARCHIES.keys()][0]!;
    foreign.start(unit, [hierarchy]);
    const cgroups = new Map((await list()).map((cgroup) => [cgroup.path, cgroup]));
    expect(cgroups.get('')).toMatchObject({ owner: 'root', populated: true, frozen: null, guarded: /root/ });
    expect(cgroups.get(docker)).toMatchObject({ owner: 'docker', populated: false, frozen: false, guarded: null });
    expect(cgroups.get(unit)).toMatchObject({ owner: 'systemd', populated: true, guarded: null });
    expect(cgroups.get(unit.slice(0, unit.lastIndexOf('/')))).toMatchObject({ owner: 'systemd', populated: true });
    expect(cgroups.get(foreign.root)).toMatchObject({ owner: 'other', populated: true });
    expect(cgroups.get(container.cgroup)).toMatchObject({ owner: 'plimsoll', populated: true });
    expect(cgroups.get(container.cgroup)?.guarded).toMatch(/belongs to this Plimsoll/);
    await client.command('container.remove', { container: container.id, force: true });
  });

  test.runIf(hasV1Memory)('knows those that one v1 hierarchy alone has: nothing there freezes', async () => {
    const path = foreign.make('old/inner', ['memory']);
    foreign.start(path, ['memory']);
    expect(await get(path)).toMatchObject({ hierarchies: ['memory'], populated: true, frozen: null });
    expect(await get(`${foreign.root}/old`)).toMatchObject({ hierarchies: ['memory'], populated: true });
    expect(await refusal('kernel.freeze', { path, confirm: path })).toMatchObject({ code: 'unsupported-on-host' });
    expect(await refusal('kernel.kill', { path, confirm: path })).toMatchObject({ code: 'unsupported-on-host' });
  });

  test('can be read while cgroups come and go', async () => {
    let isOver = false;
    const churn = async () => {
      while (!isOver) {
        const paths = Array.from({ length: 20 }, (_, i) => foreign.make(`churn/${i}/inner`));
        await list();
        for (const path of paths) {
          for (const name of HIERARCHIES.keys()) {
            rmdirSync(foreign.directory(name, path));
            rmdirSync(foreign.directory(name, path.slice(0, path.lastIndexOf('/'))));
          }
        }
      }
    };
    const churning = churn();
    for (let i = 0; i < 20; i++) expect((await list())[0]?.path).toBe('');
    isOver = true;
    await churning;
  });
});

describe('one cgroup', () => {
  test('tells its processes and what its files of one line read', async () => {
    const path = foreign.make('web');
    const hierarchy = [...HIERARCHIES.keys()][0]!;
    const pid = foreign.start(path, [hierarchy]);
    const { cgroup, processes, files } = await until("it has exec'd", async () => {
      const detail = await client.command('kernel.cgroup', { path });
      const [first] = detail.processes;
      // The kernel sets the arguments last.
      return first?.name === 'sleep' && first.command !== '' ? detail : null;
    });
    expect(cgroup).toMatchObject({ path, populated: true });
    expect(processes).toEqual([{ pid, name: 'sleep', command: '/bin/sleep infinity', uid: 0 }]);
    const own = files.find(({ file }) => file === (hasV2 ? 'cgroup.freeze' : 'notify_on_release'));
    expect(own?.reads).toBe('0');
    expect(files.filter(({ reads }) => reads.includes('\n'))).toEqual([]);
    expect(files.map(({ file }) => file)).not.toContain('cgroup.procs');
    const names = files.map(({ file }) => file);
    expect(new Set(names).size).toBe(names.length);
  });

  test.each(['..', 'a/../b', '/etc', 'a//b', 'a/', '/', 'a\0b', './a', 'x'.repeat(2049)])('is not at %j', async (path) => {
    for (const verb of ['kernel.freeze', 'kernel.kill'] as const) {
      expect(await refusal(verb, { path, confirm: path })).toMatchObject({ code: 'bad-request' });
    }
    expect(await refusal('kernel.cgroup', { path })).toMatchObject({ code: 'bad-request' });
    await expect(client.watch({ kind: 'cgroup', path })).rejects.toMatchObject({ code: 'bad-request' });
    await expect(world.link.request('foreignKill', { path, guards: [] }, REQUEST_DEADLINE_MS)).rejects.toMatchObject({
      code: 'bad-request',
    });
  });

  test('is not found where there is none, or a file of that name', async () => {
    for (const path of [`${foreign.root}/none`, `${foreign.root}/cgroup.procs`]) {
      expect(await refusal('kernel.cgroup', { path })).toMatchObject({ code: 'not-found' });
      expect(await refusal('kernel.freeze', { path, confirm: path })).toMatchObject({ code: 'not-found' });
      await expect(client.watch({ kind: 'cgroup', path })).rejects.toMatchObject({ code: 'not-found' });
      await expect(world.link.request('foreignFreeze', { path, guards: [] }, REQUEST_DEADLINE_MS)).rejects.toMatchObject({
        code: 'not-found',
      });
    }
  });
});

describe('watching', () => {
  const rowOf = ({ handles }: Samples, { handle }: HostCgroup) => handles.indexOf(handle);

  /** The first frame that has this cgroup burning cpu, and the other asleep. */
  async function burningFrame(cgroup: HostCgroup, sleeping?: HostCgroup): Promise<Samples> {
    return await until('it burns cpu', async () => {
      const [frame] = (await once(client, 'samples')) as [Samples];
      const cores = (one: HostCgroup) => frame.columns.cpuCores?.[rowOf(frame, one)] ?? Number.NaN;
      return cores(cgroup) > 0.05 && (sleeping === undefined || cores(sleeping) === 0) ? frame : null;
    });
  }

  test('the kernel: live figures of every cgroup, and the tree when it changes', async () => {
    const burning = foreign.make('burning');
    const still = foreign.make('still');
    const counting = HIERARCHIES.has('cpuacct') ? ['cpuacct'] : V2;
    foreign.start(burning, counting, BURNING);
    foreign.start(still, counting);
    const cgroup = await get(burning);
    await client.watch({ kind: 'kernel' });
    const frame = await burningFrame(cgroup, await get(still));
    const row = rowOf(frame, cgroup);
    expect(frame.columns.cpuUsageNs?.[row]).toBeGreaterThan(0n);
    expect(frame.columns.cpuUsageNs?.[row]).not.toBe(GAP);
    // Few columns: not those of one cgroup's page.
    expect(frame.columns.memoryPeakBytes).toBeUndefined();

    const trees: HostCgroup[][] = [];
    const hear = (tree: HostCgroup[]) => void trees.push(tree);
    client.on('cgroups', hear);
    const made = foreign.make('late');
    // It is made in one hierarchy after the other, and may be told of meanwhile.
    const isWhole = ({ path, hierarchies }: HostCgroup) => path === made && hierarchies.length === HIERARCHIES.size;
    const told = await until('it is told of', () => trees.at(-1)?.find(isWhole) ?? null);
    client.off('cgroups', hear);
    expect(told).toEqual(await get(made));
  });

  test('the kernel: the answer has the whole tree', async () => {
    const socket = await openSocketIo(world.state.agentSocket, readFileSync(world.state.localToken, 'utf8').trim());
    try {
      const answer = (await socket.timeout(REQUEST_DEADLINE_MS).emitWithAck(EVENTS.watch, { kind: 'kernel' })) as WatchAnswer;
      expect(answer).toMatchObject({ ok: true });
      expect(answer.ok && answer.cgroups?.map(({ path }) => path)).toContain(foreign.root);
    } finally {
      socket.close();
    }
  });

  test('one: every column, its history, and nothing is read any more when nobody watches', async () => {
    const path = foreign.make('burning');
    const counting = HIERARCHIES.has('cpuacct') ? ['cpuacct'] : V2;
    foreign.start(path, counting, BURNING);
    const cgroup = await get(path);
    const history = await client.watch({ kind: 'cgroup', path });
    expect([...history.handles]).toEqual([cgroup.handle]);
    const frame = await burningFrame(cgroup);
    expect([...frame.handles]).toEqual([cgroup.handle]);
    expect(frame.columns.memoryPeakBytes).toBeDefined();
    await until('it has a history', async () => (await client.watch({ kind: 'cgroup', path })).times.length > 1);
    expect(openFilesOf(world.agent?.pid ?? 0)).not.toEqual([]);
    client.unwatch();
    await until('the agent has let go of it', () => openFilesOf(world.agent?.pid ?? 0).length === 0);
  });

  /** Files of the foreign cgroups that the agent holds open. */
  function openFilesOf(pid: number): string[] {
    return readdirSync(`/proc/${pid}/fd`)
      .map((fd) => {
        try {
          return readlinkSync(`/proc/${pid}/fd/${fd}`);
        } catch {
          return '';
        }
      })
      .filter((path) => path.includes(foreign.root));
  }

  test.runIf(hasV2)('one that only the v2 tree has counts cpu time as well', async () => {
    const path = foreign.make('new', V2);
    foreign.start(path, V2, BURNING);
    const cgroup = await get(path);
    await client.watch({ kind: 'cgroup', path });
    expect((await burningFrame(cgroup)).columns.cpuUsageNs?.[0]).not.toBe(GAP);
  });
});

describe.runIf(hasV2)('in the v2 tree', () => {
  test('freeze and thaw are done when the kernel says so, and include what is below', async () => {
    const inner = foreign.make('web/inner');
    const path = `${foreign.root}/web`;
    foreign.start(inner, V2);
    expect(await freeze(path)).toMatchObject({ path, populated: true, frozen: true });
    expect(events(inner)).toContain('frozen 1');
    expect(await get(inner)).toMatchObject({ frozen: true });
    expect(await refusal('kernel.thaw', { path: inner, confirm: inner })).toMatchObject({
      code: 'wrong-state',
      hint: `Thaw "${path}".`,
    });
    expect(await thaw(path)).toMatchObject({ path, frozen: false });
    expect(events(inner)).toContain('frozen 0');
    expect(await thaw(path)).toMatchObject({ frozen: false });
  });

  test('kill ends everything in it and below, frozen or not', async () => {
    const inner = foreign.make('web/inner');
    const path = `${foreign.root}/web`;
    const pids = [foreign.start(inner, V2), foreign.start(inner, V2), foreign.start(path, V2)];
    const other = foreign.start(foreign.make('other'), V2);
    await freeze(inner);
    expect(await kill(path)).toMatchObject({ path, populated: false });
    expect(events(path)).toContain('populated 0');
    expect(pids.filter(isAlive)).toEqual([]);
    expect(isAlive(other)).toBe(true);
  });

  test('without the right path as confirmation nothing is done', async () => {
    const path = foreign.make('web');
    const pid = foreign.start(path, V2);
    for (const confirm of ['', 'web', `${path}/`, `/${path}`, `${path} `, path.toUpperCase()]) {
      for (const verb of ['kernel.freeze', 'kernel.kill'] as const) {
        expect(await refusal(verb, { path, confirm })).toMatchObject({ code: 'bad-request' });
      }
    }
    expect(events(path)).toBe('populated 1\nfrozen 0');
    expect(isAlive(pid)).toBe(true);
  });

  test.runIf(hasFreezer)('a freeze that does not come about is undone', async () => {
    const path = foreign.make('web', V2);
    const held = foreign.make('held', ['freezer']);
    const pid = foreign.start(path, V2);
    foreign.join(held, ['freezer'], pid);
    // What v1's freezer holds never comes to where v2's would take it.
    foreign.write('freezer', held, 'freezer.state', 'FROZEN');
    expect(await refusal('kernel.freeze', { path, confirm: path })).toMatchObject({ code: 'deadline-exceeded' });
    expect(foreign.read('v2', path, 'cgroup.freeze')).toBe('0');
  });

  test.runIf(hasFreezer)('a guarded process that comes in while it freezes is let go again', async () => {
    const path = foreign.make('web', V2);
    const held = foreign.make('held', ['freezer']);
    foreign.join(held, ['freezer'], foreign.start(path, V2));
    const guarded = foreign.start(foreign.make('elsewhere', V2), V2);
    foreign.write('freezer', held, 'freezer.state', 'FROZEN');
    const freezing = world.link.request('foreignFreeze', { path, guards: [guarded] }, REQUEST_DEADLINE_MS);
    const refused = freezing.catch((error: unknown) => error);
    await until('it is asked to freeze', () => foreign.read('v2', path, 'cgroup.freeze') === '1');
    foreign.join(path, V2, guarded);
    foreign.write('freezer', held, 'freezer.state', 'THAWED');
    expect(await refused).toMatchObject({ code: 'forbidden' });
    expect(events(path)).toBe('populated 1\nfrozen 0');
  });
});

describe.runIf(hasFreezer)("in v1's freezer", () => {
  test.each([
    ['alone', ['freezer']],
    ['with an empty cgroup of the v2 tree beside it', hasV2 ? ['v2', 'freezer'] : ['freezer']],
  ])('%s: freeze, thaw and kill', async (_, hierarchies) => {
    const inner = foreign.make('old/inner', hierarchies);
    const path = `${foreign.root}/old`;
    const pid = foreign.start(inner, ['freezer']);
    expect(await freeze(path)).toMatchObject({ path, hierarchies, populated: true, frozen: true });
    expect(foreign.read('freezer', inner, 'freezer.state')).toBe('FROZEN');
    expect(await refusal('kernel.thaw', { path: inner, confirm: inner })).toMatchObject({ code: 'wrong-state' });
    expect(await thaw(path)).toMatchObject({ frozen: false });
    expect(foreign.read('freezer', inner, 'freezer.state')).toBe('THAWED');
    await freeze(inner);
    expect(await kill(path)).toMatchObject({ populated: false });
    expect(isAlive(pid)).toBe(false);
  });

  test.runIf(hasV2)('what it holds is let go to die where the v2 tree kills', async () => {
    const path = foreign.make('both', ['freezer', 'v2']);
    const pid = foreign.start(path, ['freezer', 'v2']);
    foreign.write('freezer', path, 'freezer.state', 'FROZEN');
    await until('it is frozen', () => foreign.read('freezer', path, 'freezer.state') === 'FROZEN');
    expect(await get(path)).toMatchObject({ frozen: true });
    expect(await kill(path)).toMatchObject({ populated: false });
    expect(isAlive(pid)).toBe(false);
  });
});

describe('guarded', () => {
  const hierarchy = hasV2 ? 'v2' : 'freezer';

  /** In a cgroup of its own while `look` looks; back in the root afterwards. */
  async function moved(pid: number, look: (path: string) => Promise<void>): Promise<void> {
    const path = foreign.make('moved/inner', [hierarchy]);
    foreign.join(path, [hierarchy], pid);
    try {
      await look(path);
      expect((await get(path)).frozen).toBe(false);
      expect(isAlive(pid)).toBe(true);
    } finally {
      foreign.join('', [hierarchy], pid);
    }
  }

  test('is what holds the supervisor, also below, and the supervisor itself says so too', async () => {
    const pid = world.supervisor?.pid ?? 0;
    await moved(pid, async (path) => {
      for (const at of [path, `${foreign.root}/moved`, foreign.root]) {
        const reason = new RegExp(`it holds the supervisor \\(process ${pid}, `);
        await expectGuarded(at, reason);
        await expectGuardedBySupervisor(at, [], reason);
        expect((await get(at)).guarded).toMatch(reason);
      }
    });
    // Once it is out there is nothing against it.
    expect((await get(foreign.root)).guarded).toBeNull();
  });

  test('is what holds the agent', async () => {
    await moved(world.agent?.pid ?? 0, async (path) => {
      await expectGuarded(path, /it holds the agent/);
      expect((await get(path)).guarded).toMatch(/it holds the agent/);
    });
  });

  test('is what holds an ancestor of them: the session that started it', async () => {
    await moved(process.pid, async (path) => {
      await expectGuarded(path, /it holds (?:an ancestor of the supervisor|the process that asks)/);
      await expectGuardedBySupervisor(path, [], /it holds an ancestor of the supervisor/);
      expect((await get(path)).guarded).not.toBeNull();
    });
  });

  test('is what holds process 1, whatever that is, and the root', async () => {
    const reason = /it holds process 1|it is the root/;
    for (const path of ['', ...cgroupsOf(1)]) {
      await expectGuarded(path, reason);
      await expectGuardedBySupervisor(path, [], reason);
      expect((await get(path)).guarded).toMatch(reason);
    }
  });

  test('is what holds the web process, a child of the launcher', async () => {
    const path = foreign.make('web', [hierarchy]);
    const launcher = spawn('/bin/sh', ['-c', 'sleep infinity > /dev/null & echo $!; wait'], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    try {
      const [line] = (await once(launcher.stdout, 'data')) as [Buffer];
      const web = Number(line.toString());
      foreign.join(path, [hierarchy], web);
      expect((await get(path)).guarded).toBeNull();
      writeFileSync(world.state.webInfo, JSON.stringify({ url: 'http://127.0.0.1:1', pid: launcher.pid }));
      await expectGuarded(path, new RegExp(`it holds a process that serves the dashboard \\(process ${web}, `));
      // Whoever serves the dashboard, it cannot be told: then nothing at all may be frozen.
      writeFileSync(world.state.webInfo, 'half a fi');
      await expectGuarded(foreign.make('innocent', [hierarchy]), /cannot be told whether it holds what must go on/);
      expect((await get(path)).frozen).toBe(false);
      expect(isAlive(web)).toBe(true);
    } finally {
      rmSync(world.state.webInfo, { force: true });
      launcher.kill('SIGKILL');
      await once(launcher, 'close');
    }
  });

  test('is what holds the process that asks', async () => {
    const path = foreign.make('shell/inner', [hierarchy]);
    const at = `${foreign.root}/shell`;
    const script = 'echo $$ > "$1"; shift; "$@"; exit $?';
    for (const doing of ['freeze', 'kill']) {
      const procs = `${foreign.directory(hierarchy, path)}/cgroup.procs`;
      const command = [PLIMSOLL, 'cgroup', doing, '--confirm', at, at];
      const shell = spawn('/bin/sh', ['-c', script, 'sh', procs, ...command], {
        env: world.environment,
        stdio: ['ignore', 'ignore', 'pipe'],
      });
      let stderr = '';
      shell.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
      expect(await once(shell, 'close')).toEqual([1, null]);
      expect(stderr).toMatch(/it holds the process that asks/);
    }
    expect((await get(at)).frozen).toBe(false);
  });

  test('is what is of this Plimsoll itself', async () => {
    const container = await client.command('container.run', { command: ['sleep', 'infinity'], group: 'acme' });
    for (const path of [world.state.cgroup, `${world.state.cgroup}/acme`, container.cgroup]) {
      await expectGuarded(path, /it belongs to this Plimsoll/);
      await expectGuardedBySupervisor(path, [], /it belongs to this Plimsoll/);
    }
    expect(await client.command('container.inspect', { container: container.id })).toMatchObject({
      state: { status: 'running' },
    });
    await client.command('container.remove', { container: container.id, force: true });
  });

  test('is what holds any process that the agent names to the supervisor', async () => {
    const path = foreign.make('named/inner', [hierarchy]);
    const pid = foreign.start(path, [hierarchy]);
    await expectGuardedBySupervisor(`${foreign.root}/named`, [pid], new RegExp(`\\(process ${pid}, `));
    await world.link.request('foreignKill', { path: `${foreign.root}/named`, guards: [] }, REQUEST_DEADLINE_MS);
    expect(isAlive(pid)).toBe(false);
  });
});
