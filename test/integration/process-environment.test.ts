import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CreateContainerInput } from '@plimsoll/protocol';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { AgentClient } from '../../apps/agent/src/client/agent-client.ts';
import { AgentRequests } from '../../apps/agent/src/client/agent-requests.ts';
import { ended } from '../support/ended.ts';
import { probeLayer, WITHOUT_PROBE } from '../support/probe/probe.ts';
import { World } from '../support/world.ts';

const BUSYBOX = ['/bin/busybox', '/usr/bin/busybox'].find((path) => existsSync(path)) ?? '/bin/busybox';

let world: World;
let client: AgentClient;
let directory: string;
beforeAll(async () => {
  world = await World.shared();
  client = await world.client();
  directory = mkdtempSync(join(tmpdir(), 'plim-'));
});
afterAll(() => rmSync(directory, { recursive: true }));

async function importImage(name: string, root: string): Promise<void> {
  const archive = join(directory, `${name}.tar`);
  execFileSync('tar', ['-C', root, '-cf', archive, '.']);
  expect(await world.plimsoll('image', 'import', name, archive)).toMatchObject({ code: 0 });
}

/** The environment of `cat /proc/self/environ` in a container. */
async function environmentOf(request: CreateContainerInput = {}): Promise<Record<string, string>> {
  const { id } = await client.command('container.run', { ...request, command: ['cat', '/proc/self/environ'] });
  let text = '';
  for await (const lines of new AgentRequests(world.state).logs({ container: id, follow: true })) {
    for (const line of lines) text += line.text + (line.partial ? '' : '\n');
  }
  await ended(client, id);
  await client.command('container.remove', { container: id });
  const variables = text.split('\0').filter((one) => one.trim() !== '');
  return Object.fromEntries(variables.map((one) => [one.slice(0, one.indexOf('=')), one.slice(one.indexOf('=') + 1)]));
}

const NAMES = ['discovery.type', 'my-var', '1x', 'A B', 'é', '__proto__', 'constructor', 'x'.repeat(4096)];

describe('a variable of any name', () => {
  test('reaches the process', async () => {
    const env = Object.fromEntries(NAMES.map((name) => [name, `of ${name.slice(0, 20)}`]));
    expect(Object.entries(await environmentOf({ env }))).toEqual(expect.arrayContaining(Object.entries(env)));
  });

  test('can be typed, is shown, and outlives a restart', async () => {
    const typed = NAMES.flatMap((name) => ['-e', `${name}=1`]);
    const run = await world.plimsoll('run', '--name', 'named', ...typed, '--', 'sh', '-c', "tr '\\0' '\\n' < /proc/self/environ");
    expect(run).toMatchObject({ code: 0, stderr: '' });
    const lines = run.stdout.split('\n');
    for (const name of NAMES) expect(lines).toContain(`${name}=1`);
    const { stdout } = await world.plimsoll('inspect', '--json', 'named');
    const { env } = JSON.parse(stdout) as { env: Record<string, string> };
    expect(Object.entries(env)).toEqual(expect.arrayContaining(NAMES.map((name) => [name, '1'])));
    expect((await world.plimsoll('inspect', 'named')).stdout).toMatch(/^env\s+__proto__=1$/m);
    await world.plimsoll('rm', 'named');
  });

  test('is refused without a name, and the message says what a name is', async () => {
    const refused = await world.plimsoll('run', '-e', `${'x'.repeat(4097)}=1`, '--', 'true');
    expect(refused.code).toBe(125);
    expect(refused.stderr).toMatch(/a variable's name has at most 4096 bytes/);
    await expect(client.command('container.run', { env: { 'a=b': 'c' }, command: ['true'] })).rejects.toThrow(
      'a variable\'s name has one character or more, of any kind but "=" and NUL',
    );
  });
});

describe('HOME and HOSTNAME', () => {
  beforeAll(async () => {
    const root = join(directory, 'image');
    for (const path of ['etc', 'bin']) mkdirSync(join(root, path), { recursive: true });
    const passwd = 'root:x:0:0::/the-root:\nweb:x:1000:1000::/srv/web:\nodd:x:1001:1001:::\n';
    writeFileSync(join(root, 'passwd'), passwd);
    symlinkSync('../../../passwd', join(root, 'etc/passwd'));
    writeFileSync(join(root, 'etc/group'), 'adm:x:4:\n');
    cpSync(BUSYBOX, join(root, 'bin/cat'));
    await importImage('homes', root);
  });
  afterAll(async () => void (await world.plimsoll('rmi', 'homes')));

  test.each([
    [undefined, '/the-root'],
    ['0', '/the-root'],
    ['0:4', '/the-root'],
    ['root', '/the-root'],
    ['1000', '/srv/web'],
    ['1000:7', '/srv/web'],
    ['web', '/srv/web'],
    ['web:adm', '/srv/web'],
    ['odd', '/'],
    ['7', '/'],
  ])('of user %s in an image that has accounts', async (user, home) => {
    expect(await environmentOf({ image: 'homes', ...(user !== undefined && { user }) })).toMatchObject({ HOME: home });
  });

  test('in the image base, as its name is or as it is typed', async () => {
    expect(await environmentOf({ name: 'boxed' })).toMatchObject({ HOME: '/root', HOSTNAME: 'boxed' });
    expect(await environmentOf({ hostname: 'other.example', user: '1000' })).toMatchObject({
      HOME: '/',
      HOSTNAME: 'other.example',
    });
    const { HOSTNAME } = await environmentOf({ name: 'no_host_name' });
    expect(HOSTNAME).toMatch(/^[0-9a-f]{16}$/);
  });

  test('of a uts namespace that is the host’s, or another container’s', async () => {
    const user = 'host' as const;
    expect(await environmentOf({ namespaces: { user, uts: 'host' } })).toMatchObject({ HOSTNAME: hostname() });
    await client.command('container.run', { name: 'namesake', hostname: 'theirs', command: ['sleep', 'infinity'] });
    const joining = { namespaces: { uts: { container: 'namesake' } } };
    expect(await environmentOf(joining)).toMatchObject({ HOSTNAME: 'theirs' });
    await client.command('container.remove', { container: 'namesake', force: true });
  });

  test('give way to what is typed, also to an empty value; and TERM is not set', async () => {
    const typed = await environmentOf({ env: { HOME: '', HOSTNAME: 'typed' } });
    expect(typed).toMatchObject({ HOME: '', HOSTNAME: 'typed' });
    expect(typed).not.toHaveProperty('TERM');
  });
});

describe('arguments', () => {
  test('are as many as the kernel takes', async () => {
    const command = ['sh', '-c', 'echo $#', 'sh', ...Array.from({ length: 90_000 }, (_, i) => `${i % 10}`)];
    const { id } = await client.command('container.run', { command });
    await ended(client, id);
    expect((await world.plimsoll('logs', id)).stdout).toBe('90000\n');
    await world.plimsoll('rm', id);
  });

  test('that are more than the kernel takes are a clear error, and nothing is left', async () => {
    const words = Array.from({ length: 5000 }, () => 'x'.repeat(100));
    const { code, stderr } = await world.plimsoll(
      'run',
      '--name',
      'too-many',
      '--ulimit',
      'stack=131072',
      '--',
      'true',
      ...words,
    );
    // As a shell's.
    expect(code).toBe(126);
    expect(stderr).toMatch(/E2BIG.*more arguments and variables than the kernel takes/);
    expect((await world.plimsoll('inspect', 'too-many')).code).not.toBe(0);
  });

  test('that are more than a request has room for are a clear error', async () => {
    const words = Array.from({ length: 20 }, () => 'x'.repeat(60_000));
    const { code, stderr } = await world.plimsoll('run', '--', 'true', ...words);
    expect(code).toBe(125);
    expect(stderr).toMatch(/^The command is larger than 1 MiB\. Arguments and variables count/);
  });
});

describe('what is not UTF-8', () => {
  /** With the bytes that `printf` makes of the words. */
  const typed = (script: string) => {
    const env = { ...world.environment, PLIMSOLL: join(import.meta.dirname, '../../apps/agent/bin/plimsoll') };
    return spawnSync('sh', ['-c', script], { env, encoding: 'latin1' });
  };

  test.each([
    ['an argument', `"$PLIMSOLL" run --name latin -- echo "$(printf 'caf\\351')"`, /^plimsoll run: "caf\\xe9" is not UTF-8/],
    ['an option', `"$PLIMSOLL" run --name latin -e "A=$(printf 'caf\\351')" -- env`, /^plimsoll run: "A=caf\\xe9" is not UTF-8/],
    [
      'a variable that is passed on',
      `A="$(printf 'caf\\351')" "$PLIMSOLL" run --name latin -e A -- env`,
      /-e "A": its value here is not UTF-8/,
    ],
    [
      'a file of variables',
      `printf 'A=1\\nB=caf\\351\\n' > "$1"; "$PLIMSOLL" run --name latin --env-file "$1" -- env`,
      /line 2 is not UTF-8/,
    ],
  ])('is refused before anything is made: %s', async (_, script, message) => {
    const { status, stderr } = typed(`set -- '${join(directory, 'latin.env')}'; ${script}`);
    expect(stderr).toMatch(message);
    expect(status).toBe(125);
    expect((await world.plimsoll('inspect', 'latin')).code).not.toBe(0);
  });

  test('is not the character that stands for it', () => {
    const { status, stdout } = typed(`"$PLIMSOLL" run --rm -- echo "$(printf 'caf\\303\\251 \\357\\277\\275')"`);
    expect({ status, stdout }).toEqual({ status: 0, stdout: 'caf\xc3\xa9 \xef\xbf\xbd\n' });
  });
});

describe('a user other than root', () => {
  beforeAll(async () => {
    const root = join(directory, 'set-user-id');
    mkdirSync(join(root, 'bin'), { recursive: true });
    cpSync(BUSYBOX, join(root, 'bin/su'));
    chmodSync(join(root, 'bin/su'), 0o4755);
    cpSync(BUSYBOX, join(root, 'bin/ping'));
    await importImage('set-user-id', root);
  });
  afterAll(async () => void (await world.plimsoll('rmi', 'set-user-id')));

  test('has the capabilities that are named, which are shown', async () => {
    const run = [
      'run',
      '-d',
      '--name',
      'ambient',
      '-u',
      '1000',
      '--cap-add',
      'NET_BIND_SERVICE,NET_RAW',
      '--',
      'sleep',
      'infinity',
    ];
    expect(await world.plimsoll(...run)).toMatchObject({ code: 0, stderr: '' });
    const { stdout } = await world.plimsoll('isolation', 'ambient');
    for (const set of ['effective', 'permitted', 'inheritable', 'ambient']) {
      expect(stdout).toMatch(new RegExp(`^${set} capabilities\\s+net_bind_service, net_raw$`, 'm'));
    }
    expect((await world.plimsoll('inspect', 'ambient')).stdout).toMatch(/^ambient\s+NET_BIND_SERVICE NET_RAW$/m);
    await world.plimsoll('rm', '-f', 'ambient');
  });

  test('can ping by a capability, and not without', async () => {
    const ping = ['ping', '-c', '1', '127.0.0.1'];
    const refused = await world.plimsoll('run', '--rm', '-u', '1000', 'set-user-id', ...ping);
    expect(refused).toMatchObject({ code: 1, stderr: 'ping: permission denied (are you root?)\n' });
    const allowed = await world.plimsoll('run', '--rm', '-u', '1000', '--cap-add', 'NET_RAW', 'set-user-id', ...ping);
    expect(allowed).toMatchObject({ code: 0, stderr: '' });
  });

  test.skipIf(WITHOUT_PROBE !== null)('can open a socket for ping by a sysctl, and not without', async () => {
    cpSync(join(probeLayer(directory), 'probe'), join(directory, 'set-user-id/bin/probe'));
    await importImage('probe', join(directory, 'set-user-id'));
    const open = async (...options: string[]) =>
      (await world.plimsoll('run', '--rm', '-u', '1000', ...options, 'probe', 'probe', 'ping-socket')).stdout;
    expect(await open()).toBe('EACCES\n');
    expect(await open('--sysctl', 'net.ipv4.ping_group_range=0 65535')).toBe('ok\n');
    await world.plimsoll('rmi', 'probe');
  });

  test('reads a note on a command whose set-user-ID bit has no effect', async () => {
    const su = async (...options: string[]) => (await world.plimsoll('run', '--rm', ...options, 'set-user-id', 'su')).stderr;
    expect(await su('-u', '1000')).toMatch(
      /: the set-user-ID bit of \/bin\/su has no effect, since .*: it runs as user 1000\. Run the command as root/,
    );
    for (const options of [
      ['-u', '0'],
      ['-u', '1000', '--security-opt', 'no-new-privileges=false'],
    ]) {
      expect(await su(...options)).not.toContain('set-user-ID');
    }
  });

  test('has that note in the log of the agent, with the id and the name of the container', async () => {
    const created = await client.command('container.create', {
      image: 'set-user-id',
      name: 'noted',
      command: ['su'],
      user: '1000',
    });
    const line = readFileSync(join(world.directory, 'agent.log'), 'utf8')
      .split('\n')
      .find((one) => one.includes('name="noted"'));
    expect(line).toMatch(/^\S+ info /);
    expect(line).toContain(`container="${created.id}" name="noted" note="the set-user-ID bit of /bin/su has no effect, `);
    await client.command('container.remove', { container: created.id });
  });
});
