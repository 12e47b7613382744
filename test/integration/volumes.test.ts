import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { CommandInput, CommandResult, ContainerView, CreateContainerInput, Verb } from '@plimsoll/protocol';
import { beforeAll, describe, expect, test } from 'vitest';
import { connect } from '../../apps/agent/src/client/connect.ts';
import { randomFrom } from '../support/random.ts';
import { until } from '../support/until.ts';
import { signIn } from '../support/session.ts';
import { World } from '../support/world.ts';

const SLEEP = ['sleep', 'infinity'];
const SEED = 20_261_125;

let world: World;
beforeAll(async () => void (world = await World.shared()));

const command = async <V extends Verb>(verb: V, args: CommandInput<V>) => await (await world.client()).command(verb, args);
/** As soon as there is an agent that knows everything again. */
async function answered<V extends Verb>(verb: V, args: CommandInput<V>): Promise<CommandResult<V>> {
  const results: CommandResult<V>[] = [];
  await until('the agent answers', async () => {
    await command(verb, args).then(
      (result) => results.push(result),
      () => {},
    );
    return results.length > 0;
  });
  return results[0]!;
}
const filesOf = (volume: string) => join(world.state.lib, 'volumes', volume, 'data');
const run = async (request: CreateContainerInput): Promise<ContainerView> =>
  await command('container.run', { command: SLEEP, ...request });
const remove = async (...views: ContainerView[]) => {
  for (const { id } of views) await command('container.remove', { container: id, force: true });
};

/** What a shell prints that has these mounts. */
async function shell(script: string, ...options: string[]): Promise<string> {
  const { code, stdout, stderr } = await world.plimsoll('run', '--rm', ...options, '--', 'sh', '-c', script);
  if (code !== 0) throw new Error(`${script}: ended with ${code}: ${stderr}`);
  return stdout.trim();
}

function pidOf({ name, state }: ContainerView): number {
  if (!('pid' in state)) throw new Error(`${name} does not run`);
  return state.pid;
}

/** The id on the host that its root has (user_namespaces(7)). */
const rangeOf = (view: ContainerView): number =>
  Number(
    readFileSync(`/proc/${pidOf(view)}/uid_map`, 'utf8')
      .trim()
      .split(/\s+/)[1],
  );

/** The options of a mount inside a running container (proc_pid_mountinfo(5)). */
function mountIn(view: ContainerView, destination: string): { options: string[]; optional: string[]; root: string } {
  const line = readFileSync(`/proc/${pidOf(view)}/mountinfo`, 'utf8')
    .split('\n')
    .map((text) => text.split(' '))
    .findLast((fields) => fields[4] === destination);
  if (line === undefined) throw new Error(`nothing is mounted on ${destination}`);
  return { root: line[3] ?? '', options: line[5]?.split(',') ?? [], optional: line.slice(6, line.indexOf('-')) };
}

describe('volumes', () => {
  test('are made, listed with their size, and removed', async () => {
    await expect(world.plimsoll('volume', 'create', '--label', 'owner=acme', 'data')).resolves.toEqual({
      code: 0,
      stdout: 'data\n',
      stderr: '',
    });
    await expect(world.plimsoll('volume', 'create', 'data')).resolves.toMatchObject({ code: 1 });
    writeFileSync(join(filesOf('data'), 'file'), Buffer.alloc(300_000, 1));
    const listed = await until('its size is known', async () => {
      const { stdout } = await world.plimsoll('volume', 'ls', '--json');
      const [volume] = JSON.parse(stdout) as { sizeBytes: number | null }[];
      return (volume?.sizeBytes ?? 0) >= 300_000 ? volume : null;
    });
    expect(listed).toMatchObject({ name: 'data', labels: { owner: 'acme' }, usedBy: [] });
    expect((await world.plimsoll('volume', 'ls')).stdout).toMatch(/^NAME .*\ndata {3}/);
    await expect(world.plimsoll('volume', 'rm', 'data')).resolves.toMatchObject({ code: 0, stdout: 'data\n' });
    await expect(world.plimsoll('volume', 'rm', 'data')).resolves.toMatchObject({ code: 1 });
    await until('its files are gone', () => readdirSync(join(world.state.lib, 'volumes')).length === 0);
  });

  test.each(['', '.', '..', '../x', 'a/b', '.hidden', '-x', 'a b', 'x'.repeat(64)])('none is called "%s"', async (name) => {
    await expect(command('volume.create', { name })).rejects.toMatchObject({ code: 'bad-request' });
    await expect(command('volume.remove', { name })).rejects.toMatchObject({ code: 'bad-request' });
    const mounts = [{ kind: 'volume' as const, volume: name, destination: '/data' }];
    await expect(run({ mounts })).rejects.toMatchObject({ code: 'bad-request' });
  });

  test('are out of reach for everybody else on the host, who could be root by a setuid file in them', async () => {
    await command('volume.create', { name: 'secret' });
    const directory = join(world.state.lib, 'volumes');
    expect(statSync(directory)).toMatchObject({ uid: 0, mode: 0o40700 });
    const asNobody = ['--reuid=65534', '--regid=65534', '--clear-groups', 'ls', filesOf('secret')];
    expect(() => execFileSync('setpriv', asNobody, { stdio: 'pipe' })).toThrow(/Permission denied/);
    await command('volume.remove', { name: 'secret' });
  });

  test('are made by their first use, and stay while any container has them, running or not', async () => {
    const mounts = [{ kind: 'volume' as const, volume: 'used', destination: '/data' }];
    const view = await run({ name: 'user-1', mounts });
    expect(view.mounts).toEqual([{ ...mounts[0], readOnly: false }]);
    await command('container.create', { name: 'user-2', mounts, command: SLEEP });
    expect((await command('volume.list', {})).map(({ name, usedBy }) => [name, usedBy.toSorted()])).toEqual([
      ['used', ['user-1', 'user-2']],
    ]);
    await expect(world.plimsoll('volume', 'rm', 'used')).resolves.toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/in use by user-1, user-2/) as string,
    });
    await command('container.kill', { container: 'user-1' });
    await remove(await command('container.inspect', { container: 'user-2' }));
    await expect(command('volume.remove', { name: 'used' })).rejects.toMatchObject({ code: 'conflict' });
    expect((await world.plimsoll('inspect', 'user-1')).stdout).toMatch(/^mount +used:\/data$/m);
    await remove(view);
    await command('volume.remove', { name: 'used' });
  });

  test('are not removed while the agent does not know who uses them', async () => {
    await command('volume.create', { name: 'kept' });
    await world.end('supervisor');
    try {
      // What only the supervisor can do is refused once the agent has heard of its end, which is a moment later.
      await expect(command('group.create', { group: 'unmade' })).rejects.toMatchObject({ code: 'unavailable' });
      await expect(command('volume.remove', { name: 'kept' })).rejects.toMatchObject({ code: 'unavailable' });
    } finally {
      await world.startSupervisor();
    }
    await until('the agent hears the new one', async () =>
      command('volume.remove', { name: 'kept' }).then(
        () => true,
        () => false,
      ),
    );
  });

  test('are whole or not there, whenever the agent is killed', async () => {
    const random = randomFrom(SEED);
    const made: string[] = [];
    for (let round = 0; round < 8; round++) {
      const client = await connect(world.state);
      // What is under way when it dies is never answered; only what was acknowledged counts.
      const before = made.length;
      for (let i = 0; i < 6; i++) {
        const name = `v${round}-${i}`;
        const created = client.command('volume.create', { name, labels: { name } });
        const done =
          i % 2 === 0 ? created.then(() => made.push(name)) : created.then(() => client.command('volume.remove', { name }));
        done.catch(() => {});
      }
      const answers = Math.floor(random() * 4);
      await until('so many are made', () => made.length - before >= answers);
      await delay(random() * 5);
      await world.end('agent');
      client[Symbol.dispose]();
      await world.startAgent();
      const entries = () => readdirSync(join(world.state.lib, 'volumes'));
      await until('nothing unfinished is left', () => entries().every((entry) => /^v\d-\d$/.test(entry)));
      const there = entries();
      const listed = await answered('volume.list', {});
      expect(listed.map(({ name }) => name)).toEqual(there.toSorted());
      for (const { name, labels } of listed) expect(labels).toEqual({ name });
      expect(there).toEqual(expect.arrayContaining(made));
    }
    expect(made.length).toBeGreaterThan(0);
    for (const { name } of await command('volume.list', {})) await command('volume.remove', { name });
  });
});

describe('a volume in a container', () => {
  test('keeps what one container wrote for the next, read-only where asked', async () => {
    await shell(
      'echo kept > /data/deep/file 2>/dev/null || { mkdir /data/deep; echo kept > /data/deep/file; }',
      '-v',
      'data:/data',
    );
    expect(await shell('cat /mnt/x/deep/file', '-v', 'data:/mnt/x:ro')).toBe('kept');
    await expect(shell('echo no > /data/deep/file', '-v', 'data:/data:ro')).rejects.toThrow(/Read-only file system/);
    expect(readFileSync(join(filesOf('data'), 'deep/file'), 'utf8')).toBe('kept\n');
    await command('volume.remove', { name: 'data' });
  });

  test('is owned inside by whom it says on disk, though each container has other ids', async () => {
    const script = 'touch /data/mine; chown 1000:1001 /data/mine; stat -c "%u %g" /data /data/mine';
    expect(await shell(script, '-v', 'owned:/data')).toBe('0 0\n1000 1001');
    expect(statSync(join(filesOf('owned'), 'mine'))).toMatchObject({ uid: 1000, gid: 1001 });
    expect(await shell('stat -c "%u %g" /data/mine', '-v', 'owned:/data')).toBe('1000 1001');
    await command('volume.remove', { name: 'owned' });
  });

  test('is the same to two containers that have it at once, each with its own range of ids on the host', async () => {
    const mounts = [{ kind: 'volume' as const, volume: 'shared', destination: '/data' }];
    const first = await run({ mounts });
    const second = await run({ mounts, command: ['sh', '-c', 'echo x > /data/f; chown 1000:1001 /data/f; exec sleep infinity'] });
    const file = join(filesOf('shared'), 'f');
    await until('its file is there', () => existsSync(file) && statSync(file).uid === 1000);
    expect(statSync(file).gid).toBe(1001);
    const bases = [first, second].map((view) => {
      const base = rangeOf(view);
      const { uid, gid } = statSync(`/proc/${pidOf(view)}/root/data/f`);
      expect({ uid, gid }).toEqual({ uid: base + 1000, gid: base + 1001 });
      return base;
    });
    expect(bases[0]).not.toBe(bases[1]);
    expect(await shell('stat -c "%u %g" /data/f; chown 0:0 /data/f', '-v', 'shared:/data')).toBe('1000 1001');
    expect(statSync(file)).toMatchObject({ uid: 0, gid: 0 });
    await remove(first, second);
    await command('volume.remove', { name: 'shared' });
  });

  test('makes nobody root by a setuid file, opens no device, and passes on no mount', async () => {
    const view = await run({ mounts: [{ kind: 'volume', volume: 'tame', destination: '/data' }] });
    const { options, optional } = mountIn(view, '/data');
    expect(options).toEqual(expect.arrayContaining(['rw', 'nosuid', 'nodev']));
    expect(optional).toEqual([]);
    await remove(view);
    await command('volume.remove', { name: 'tame' });
  });

  test('is mounted within another, in whatever order they were named', async () => {
    const options = ['-v', 'inner:/data/a/b', '-v', 'outer:/data'];
    await shell('echo i > /data/a/b/file; echo o > /data/file', ...options);
    expect(readFileSync(join(filesOf('inner'), 'file'), 'utf8')).toBe('i\n');
    expect(readFileSync(join(filesOf('outer'), 'file'), 'utf8')).toBe('o\n');
    for (const name of ['inner', 'outer']) await command('volume.remove', { name });
  });

  test('begins as the image has the place, whose links lead nowhere on the host', async () => {
    const [base] = await command('image.list', {});
    const rootfs = join(world.state.lib, 'images', String(base?.digest).replace(':', '-'), 'rootfs');
    const tree = join(mkdtempSync(join(tmpdir(), 'plim-tree-')), 'tree');
    cpSync(rootfs, tree, { recursive: true, verbatimSymlinks: true });
    const database = join(tree, 'srv/db');
    mkdirSync(database, { recursive: true });
    writeFileSync(join(database, 'seed'), 'from the image');
    chownSync(join(database, 'seed'), 999, 998);
    chownSync(database, 999, 998);
    chmodSync(database, 0o750);
    symlinkSync('../../../../../../tmp', join(tree, 'srv/out'));
    await command('image.import', { name: 'db', source: tree });

    const look = 'stat -c "%a %u:%g" /srv/db /srv/db/seed; cat /srv/db/seed; rm /srv/db/seed';
    expect(await shell(look, '--image', 'db', '-v', 'db:/srv/db')).toBe('750 999:998\n644 999:998\nfrom the image');
    expect(await shell('ls /srv/db', '--image', 'db', '-v', 'db:/srv/db'), 'it begins once').toBe('');

    const place = world.directory.split('/').at(-1) ?? '';
    await shell(`echo x > /srv/out/${place}-link/file`, '--image', 'db', '-v', `link:/srv/out/${place}-link`);
    expect(readdirSync(filesOf('link'))).toEqual(['file']);
    expect(existsSync(`/tmp/${place}-link`)).toBe(false);
    for (const name of ['db', 'link']) await command('volume.remove', { name });
    await command('image.remove', { name: 'db' });
  });

  test('stays mounted while the agent is killed, and is mounted as before when a stopped one starts', async () => {
    const view = await run({
      mounts: [
        { kind: 'volume', volume: 'kept', destination: '/data' },
        { kind: 'volume', volume: 'looked-at', destination: '/data/look', readOnly: true },
      ],
    });
    const mounted = (one: ContainerView) => ['/data', '/data/look'].map((place) => mountIn(one, place));
    const before = mounted(view);
    expect(before.map(({ options }) => options[0])).toEqual(['rw', 'ro']);
    await world.end('agent');
    expect(mounted(view)).toEqual(before);
    await world.startAgent();
    const after = await answered('container.inspect', { container: view.id });
    expect({ pid: pidOf(after), mounts: after.mounts }).toEqual({ pid: pidOf(view), mounts: view.mounts });
    await expect(command('volume.remove', { name: 'looked-at' })).rejects.toMatchObject({ code: 'conflict' });

    await command('container.stop', { container: view.id, graceMs: 0 });
    const again = await command('container.start', { container: view.id });
    expect(pidOf(again)).not.toBe(pidOf(view));
    expect(mounted(again)).toEqual(before);
    await remove(view);
    for (const name of ['kept', 'looked-at']) await command('volume.remove', { name });
  });

  test('is there again after a start anew, and after the agent and the supervisor were killed', async () => {
    const view = await run({
      mounts: [{ kind: 'volume', volume: 'lasting', destination: '/data' }],
      command: ['sh', '-c', 'date >> /data/starts'],
    });
    const starts = () =>
      readFileSync(join(filesOf('lasting'), 'starts'), 'utf8')
        .trim()
        .split('\n').length;
    const ended = async () =>
      await until(
        'it has ended',
        async () => (await command('container.inspect', { container: view.id })).state.status === 'exited',
      );
    await ended();
    await Promise.all([world.end('agent'), world.end('supervisor')]);
    await world.startSupervisor();
    await world.startAgent();
    const again = await answered('container.inspect', { container: view.id });
    expect(again.mounts).toEqual(view.mounts);
    await command('container.start', { container: view.id });
    await ended();
    expect(starts()).toBe(2);
    await remove(view);
    await command('volume.remove', { name: 'lasting' });
  });
});

describe('a path of the host', () => {
  const directory = mkdtempSync(join(tmpdir(), 'plim-host-'));
  const host = (path = '') => join(directory, 'host', path);
  beforeAll(() => {
    mkdirSync(host());
    writeFileSync(host('file'), 'of the host\n');
  });

  test('is for root on the host: a signed-in session is told to use a volume', async () => {
    const session = await signIn(world);
    const ask = (mounts: unknown) => session('container.create', { name: 'asked', mounts });
    const refused = await ask([
      { kind: 'volume', volume: 'unmade', destination: '/data' },
      { kind: 'bind', source: host(), destination: '/host' },
    ]);
    expect(refused.status).toBe(403);
    expect(refused.answer).toMatchObject({ error: { code: 'forbidden', hint: /volume/ } });
    expect(existsSync(filesOf('unmade')), 'nothing was made').toBe(false);
    await expect(command('container.inspect', { container: 'asked' })).rejects.toMatchObject({ code: 'not-found' });
    expect((await ask([{ kind: 'volume', volume: 'made', destination: '/data' }])).status).toBe(200);
    await command('container.remove', { container: 'asked', force: false });
    await command('volume.remove', { name: 'made' });
  });

  test('shows its files as their owner’s, who may write; with noidmap as nobody’s', async () => {
    const raw = (script: string, options = 'noidmap') => shell(script, '-v', `${host()}:/host:${options}`);
    expect(await raw('cat /host/file; stat -c %u /host/file', 'ro,noidmap')).toBe('of the host\n65534');
    await expect(raw('echo x >> /host/file')).rejects.toThrow(/Permission denied/);
    for (const mount of [`${host()}:/host`, `${host()}:/host:idmap`]) {
      expect(await shell('echo x > /host/new; stat -c %u /host/file /host/new', '-v', mount)).toBe('0\n0');
      expect(statSync(host('new')).uid).toBe(0);
      rmSync(host('new'));
    }
    const words = `type=bind,source=${host()},destination=/host,idmap=false`;
    await expect(shell('touch /host/new', '--mount', words)).rejects.toThrow(/Permission denied/);
  });

  test('of a file system without id-mapped mounts keeps its ids, and the start reports it', async () => {
    using undo = new DisposableStack();
    mkdirSync(host('ram'));
    execFileSync('mount', ['-t', 'ramfs', 'plimsoll-test', host('ram')]);
    undo.defer(() => execFileSync('umount', ['--lazy', host('ram')]));
    writeFileSync(host('ram/file'), '');
    const script = 'stat -c %u /host/file; cat /proc/self/uid_map | tr -s " " | cut -d " " -f 3';
    const run = await world.plimsoll('run', '--rm', '--name', 'of-ramfs', '-v', `${host('ram')}:/host`, '--', 'sh', '-c', script);
    expect(run.stdout).toMatch(/^65534\n[1-9]\d{5,}\n$/);
    expect(run.stderr).toContain(`of-ramfs: the files of ${host('ram')} belong to nobody inside`);
    // Where ids are asked for by name it has the host's, as it had before.
    expect(await shell('stat -c %u /host/file', '-v', `${host('ram')}:/host:idmap`)).toBe('0');
  });

  test('within another bind, at a place that is not there', async () => {
    mkdirSync(host('outer'));
    expect(await shell('touch /a/b/made; ls /a', '-v', 'within:/a/b', '-v', `${host('outer')}:/a`)).toBe('b');
    expect(statSync(host('outer/b')).uid).toBe(0);
    rmSync(host('outer/b'), { recursive: true });
    const refused = await world.plimsoll('run', '-v', 'within:/a/b', '-v', `${host('outer')}:/a:noidmap`, '--', 'true');
    expect(refused.code).toBe(125);
    expect(refused.stderr).toContain(`make ${host('outer/b')} on the host first`);
    expect(refused.stderr).not.toContain('doctor');
    for (const { id } of await command('container.list', {})) await command('container.remove', { container: id, force: true });
    await command('volume.remove', { name: 'within' });
  });

  test('of a path with a comma is written in quotes', async () => {
    mkdirSync(host('a,b'));
    writeFileSync(host('a,b/file'), 'with a comma\n');
    expect(await shell('cat /x/file', '--mount', `type=bind,"source=${host('a,b')}",destination=/x`)).toBe('with a comma');
    const wrong = await world.plimsoll('run', '--mount', `type=bind,source="${host('a,b')}",destination=/x`, '--', 'true');
    expect(wrong).toMatchObject({ code: 125, stderr: expect.stringContaining('a quote stands within') as string });
  });

  test('may be a single file', async () => {
    expect(await shell('cat /etc/of-host', '--mount', `type=bind,source=${host('file')},destination=/etc/of-host,ro`)).toBe(
      'of the host',
    );
  });

  test('that is not there is said before anything is made', async () => {
    const { code, stderr } = await world.plimsoll('run', '-v', 'early:/data', '-v', `${host('no')}:/host`, '--', 'true');
    expect({ code, stderr }).toMatchObject({ code: 125, stderr: expect.stringMatching(/[Tt]here is no .*host\/no/) as string });
    expect(existsSync(filesOf('early'))).toBe(false);
  });

  test('tells of what the host mounts there later, where asked', async () => {
    mkdirSync(host('own/later'), { recursive: true });
    using undo = new DisposableStack();
    const mount = (...args: string[]) => {
      execFileSync('mount', args);
      undo.defer(() => execFileSync('umount', ['--lazy', args.at(-1) ?? '']));
    };
    mount('-t', 'tmpfs', 'plimsoll-test', host('own'));
    execFileSync('mount', ['--make-shared', host('own')]);
    mkdirSync(host('own/later'));
    const at = (propagation: 'private' | 'slave') => [
      { kind: 'bind' as const, source: host('own'), destination: '/own', propagation },
    ];
    const [alone, told] = [await run({ mounts: at('private') }), await run({ mounts: at('slave') })];
    mount('-t', 'tmpfs', 'plimsoll-test', host('own/later'));
    expect(mountIn(told, '/own/later')).toBeDefined();
    expect(() => mountIn(alone, '/own/later')).toThrow('nothing is mounted');
    await remove(alone, told);
  });
});
