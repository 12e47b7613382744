import { readFileSync } from 'node:fs';
import { COMMANDS, Answer, errorInWords, PlimsollError, type CreateContainerInput, type ErrorCode } from '@plimsoll/protocol';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { MAX_LINE_BYTES, SUPERVISOR_VERBS, type ContainerDefinition } from '../../apps/agent/src/supervisor/protocol.ts';
import { Malformed } from '../support/malformed.ts';
import { randomFrom } from '../support/random.ts';
import { expectAsBefore, type Snapshot } from '../support/snapshot.ts';
import { LineSocket, openSocketIo, post } from '../support/wire.ts';
import { REQUEST_DEADLINE_MS, World } from '../support/world.ts';

const SEED = 20_261_124;
const MESSAGES = 1000;

let world: World;
let before: Snapshot;
let token: string;

beforeAll(async () => {
  world = await World.shared();
  token = readFileSync(world.state.localToken, 'utf8').trim();
  // The group's cgroup stays while any container is of that group.
  await world.run(['sleep', 'infinity'], { name: 'there' });
  await world.client();
  before = await world.settledSnapshot();
});

afterEach(async () => {
  const client = await world.client();
  const { agentPid, supervisorPid } = await client.command('host.report', {});
  expect([agentPid, supervisorPid]).toEqual([world.agent?.pid, world.supervisor?.pid]);
  await expect(client.command('container.list', {})).resolves.toHaveLength(1);
  await expectAsBefore(world.place, before);
});

/** The code of the error that a request for this container ends with, and its message. */
async function refusal(request: unknown): Promise<{ code: ErrorCode; message: string }> {
  const client = await world.client();
  const error = await client.command('container.run', request as CreateContainerInput).catch((thrown: unknown) => thrown);
  if (!(error instanceof PlimsollError)) throw new Error(`it was not refused: ${JSON.stringify(error)}`);
  return error;
}

describe('a container that cannot be made', () => {
  test.each<[string, unknown, ErrorCode, RegExp]>([
    ['an unknown image', { image: 'no-such:image' }, 'not-found', /no image "no-such:image"/],
    ['a name that is taken', { name: 'there' }, 'conflict', /there/],
    ['a bad name', { name: '../there' }, 'bad-request', /name/],
    ['a bad group', { group: 'tasks' }, 'bad-request', /tasks/],
    ['a group that climbs', { group: '../..' }, 'bad-request', /group/],
    ['too little cpu', { limits: { cpus: 0.001 } }, 'bad-request', /limits.cpus/],
    ['too little memory', { limits: { memoryBytes: 4096 } }, 'bad-request', /limits.memoryBytes/],
    ['no process at all', { limits: { pids: 0 } }, 'bad-request', /limits.pids/],
    ['a weight past the greatest', { limits: { cpuWeight: 10_001 } }, 'bad-request', /limits.cpuWeight/],
    ['a limit of no number', { limits: { cpus: 'NaN' } }, 'bad-request', /limits.cpus/],
    ['a field that is not known', { privileged: true }, 'bad-request', /^arguments: .*privileged/],
    ['a NUL in an argument', { command: ['echo', 'a\0b'] }, 'bad-request', /command.1/],
    ['a relative working directory', { workdir: 'tmp' }, 'bad-request', /workdir/],
    [
      'a working directory that is not there, and cannot be made',
      { workdir: '/no/such', command: ['true'], readOnly: true },
      'start-failed',
      /\/no\/such: .*: it is not there, and the rootfs is read-only$/,
    ],
    [
      'a working directory through a descriptor',
      { workdir: '/proc/self/fd/7', command: ['true'] },
      'start-failed',
      /\/proc\/self\/fd\/7/,
    ],
    ['a variable with a bad name', { env: { 'a=b': 'c' } }, 'bad-request', /env/],
    [
      'a PATH of more directories than a command is looked for in',
      { command: ['true'], env: { PATH: '/opt/bin:'.repeat(10_000) } },
      'bad-request',
      /^config\.process\.env: has a PATH of 10000 directories, .*: name the command by its whole path, or shorten PATH/,
    ],
    [
      'a mount that is too deep',
      { command: ['/bin/true'], tmpfs: [{ destination: `/${'a/'.repeat(2000)}e` }] },
      'bad-request',
      /^config\.mounts\.\d+\.destination: has 2001 parts and 4002 characters, which is too deep/,
    ],
    ['a command that is not in the image', { command: ['no-such-command'] }, 'command-not-found', /no-such-command/],
    ['a command that is a directory', { command: ['/etc'] }, 'command-not-executable', /\/etc/],
    ['a command that is not executable', { command: ['/etc/passwd'] }, 'command-not-executable', /\/etc\/passwd/],
    [
      'more arguments than a message holds',
      { command: ['true', ...Array<string>(64).fill('x'.repeat(131_000))] },
      'too-large',
      /larger than 1 MiB/,
    ],
  ])('%s', async (_, request, code, message) => {
    const error = await refusal(request);
    expect(error.code).toBe(code);
    expect(errorInWords(error)).toMatch(message);
  });

  test('an argument that is longer than the kernel takes', async () => {
    // MAX_ARG_STRLEN is for one string; all of them together may have 2 MiB (a quarter of the stack limit), more than a message.
    const error = await refusal({ command: ['true', 'x'.repeat(131_072)] });
    expect(error).toMatchObject({ code: 'bad-request', message: expect.stringContaining('131071') as string });
  });
});

describe('a thousand malformed messages', () => {
  test('over socket.io', async () => {
    const malformed = new Malformed(randomFrom(SEED));
    const socket = await openSocketIo(world.state.agentSocket, token);
    const events = ['command', 'command', 'command', 'watch', 'logs'];
    for (let i = 0; i < MESSAGES; i++) {
      const event = events[i % events.length] ?? 'command';
      const message = event === 'command' ? malformed.command() : [malformed.value()];
      const answer: unknown = await socket.timeout(REQUEST_DEADLINE_MS).emitWithAck(event, message);
      expect(Answer.parse(answer), JSON.stringify(message)).toMatchObject({ ok: false });
      expect(answer, JSON.stringify(message)).not.toMatchObject({ error: { code: 'internal' } });
      // No acknowledgement asked, several arguments, and events that there are not.
      socket.emit(event, malformed.value(), malformed.value());
      socket.emit(`x${malformed.text()}`, malformed.bytes(8));
    }
    socket.close();
  });

  test('over HTTP', async () => {
    const malformed = new Malformed(randomFrom(SEED + 1));
    const authorization = { authorization: `Bearer ${token}` };
    for (let i = 0; i < MESSAGES; i++) {
      const text = JSON.stringify(malformed.command());
      const body = i % 10 === 0 ? text.slice(0, text.length / 2) : i % 10 === 1 ? malformed.bytes(64) : text;
      const path = i % 7 === 0 ? '/v1/sessions' : '/v1/command';
      const answer = await post(world.state.agentSocket, path, body, authorization);
      expect(answer?.status, text).toBeGreaterThanOrEqual(400);
      expect(answer?.status, text).toBeLessThan(500);
      expect(Answer.parse(JSON.parse(answer?.text ?? '')), text).toMatchObject({ ok: false });
    }
  });

  test("on the supervisor's socket", async () => {
    const malformed = new Malformed(randomFrom(SEED + 2));
    const random = randomFrom(SEED + 3);
    // What takes nothing is well formed with any object that is empty.
    const verbs = Object.entries(SUPERVISOR_VERBS).filter(([, { args }]) => !args.safeParse({}).success);
    using socket = await LineSocket.open(world.state.supervisorSocket);
    for (let i = 0; i < MESSAGES; i++) {
      const verb = verbs[Math.floor(random() * verbs.length)]?.[0];
      const line = JSON.stringify(i % 3 === 0 ? malformed.value() : { id: i, verb, args: malformed.value() });
      socket.send(`${i % 10 === 0 ? line.slice(0, line.length / 2).padEnd(1, '{') : line}\n`);
      const answer = await socket.receive();
      expect(answer, line).not.toBeNull();
      expect(JSON.parse(answer ?? ''), line).toMatchObject({
        ok: false,
        error: { code: expect.not.stringMatching('internal') as string },
      });
    }
  });
});

describe('too much, or nothing of ours', () => {
  test('a body past the limit is refused before it is read whole', async () => {
    const answer = await post(world.state.agentSocket, '/v1/command', Buffer.alloc(8 * 1024 * 1024, 'x'), {
      authorization: `Bearer ${token}`,
    });
    // The connection may be closed before the client has sent its last byte.
    expect(answer?.status ?? 413).toBe(413);
    expect(answer?.text ?? 'too-large').toContain('too-large');
  });

  test('a socket.io message past the limit ends that connection alone', async () => {
    const socket = await openSocketIo(world.state.agentSocket, token);
    const closed = new Promise<void>((resolve) => socket.once('disconnect', () => resolve()));
    socket.emit('command', { verb: 'container.list', args: { x: 'x'.repeat(2 * 1024 * 1024) } });
    await expect(closed).resolves.toBeUndefined();
    socket.close();
  });

  test('a line without an end is cut off by the supervisor', async () => {
    using socket = await LineSocket.open(world.state.supervisorSocket);
    socket.send(Buffer.alloc(MAX_LINE_BYTES + 2 * 65_536, 'x'));
    await expect(socket.receive()).resolves.toBeNull();
  });

  test('random bytes on either socket', async () => {
    const malformed = new Malformed(randomFrom(SEED + 4));
    for (const path of [world.state.agentSocket, world.state.supervisorSocket]) {
      for (let i = 0; i < 50; i++) {
        using socket = await LineSocket.open(path);
        socket.send(Buffer.concat([malformed.bytes(500), Buffer.from('\n\r\n')]));
        const answer = await socket.receive();
        expect(answer === null || /^HTTP\/1\.1 400 |"ok":false/.test(answer), answer ?? '').toBe(true);
      }
    }
  });

  test('without a token, or with a wrong one, every command is refused', async () => {
    for (const verb of Object.keys(COMMANDS)) {
      for (const headers of [{}, { authorization: 'Bearer wrong' }, { authorization: `Basic ${token}` }]) {
        const answer = await post(world.state.agentSocket, '/v1/command', JSON.stringify({ verb, args: {} }), headers);
        expect(answer?.status, verb).toBe(401);
      }
    }
    await expect(openSocketIo(world.state.agentSocket, 'wrong')).rejects.toThrow('refused');
    const elsewhere = { authorization: `Bearer ${token}`, origin: 'http://elsewhere.example', host: 'localhost' };
    const answer = await post(world.state.agentSocket, '/v1/command', '{"verb":"container.list","args":{}}', elsewhere);
    expect(answer?.status).toBe(403);
  });
});

describe('a definition that the supervisor must not believe', () => {
  type Edit = (definition: ContainerDefinition) => void;
  const config = (edit: (config: Record<string, Record<string, unknown>>) => void): Edit => {
    return (definition) => edit(definition.config as unknown as Record<string, Record<string, unknown>>);
  };

  test.each<[string, Edit]>([
    ['another cgroup', config(({ linux }) => void (linux!['cgroupsPath'] = 'plimsoll/elsewhere/x'))],
    ['a cgroup that climbs', config(({ linux }) => void (linux!['cgroupsPath'] = '../../etc'))],
    ["the host's pid namespace", config(({ linux }) => void (linux!['namespaces'] = [{ type: 'mount' }]))],
    ['no mount namespace', config(({ linux }) => void (linux!['namespaces'] = [{ type: 'pid' }]))],
    [
      'a bind of a relative path',
      config((root) => void (root['mounts'] = [{ destination: '/h', type: 'bind', source: 'etc', options: [] }] as never)),
    ],
    [
      'a mount inside /proc',
      config((root) => void (root['mounts'] = [{ destination: '/proc/self', type: 'tmpfs', source: 'x', options: [] }] as never)),
    ],
    ['ambient capabilities', config(({ process }) => void (process!['capabilities'] = { ambient: ['CAP_SYS_ADMIN'] }))],
    ['a property that core would ignore', config(({ process }) => void (process!['consoleSize'] = { height: 1, width: 1 }))],
    ['a namespace that is no process’s', config(({ linux }) => void (linux!['namespaces'] = [{ type: 'pid', path: '/etc' }]))],
    ['ids of the host’s root', config(({ linux }) => void (linux!['uidMappings'] = [{ containerID: 0, hostID: 0, size: 1 }]))],
    ['a sysctl of the whole host', config(({ linux }) => void (linux!['sysctl'] = { 'kernel.core_pattern': '|/x' }))],
    ['an id that climbs', (definition) => void (definition.id = '../../../../etc')],
    ['a relative layer', (definition) => void (definition.layers = ['etc'])],
  ])('%s', async (_, edit) => {
    const definition = await world.define({ command: ['true'] });
    edit(definition);
    const answer = world.link.request('run', { definition }, REQUEST_DEADLINE_MS);
    await expect(answer).rejects.toMatchObject({ code: 'bad-request' });
  });

  test('layers that are not there', async () => {
    const definition = { ...(await world.define({ command: ['true'] })), layers: ['/no/such,layer:at\\all'] };
    await expect(world.link.request('run', { definition }, REQUEST_DEADLINE_MS)).rejects.toMatchObject({
      code: 'start-failed',
      message: expect.stringContaining('map the ids of layer /no/such,layer:at\\all: open_tree: ENOENT') as string,
    });
  });
});
