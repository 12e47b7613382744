import { spawnSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { closeSync, constants, existsSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { createConnection } from 'node:net';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { isZombie } from '@plimsoll/core';
import type { CreateContainerInput } from '@plimsoll/protocol';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { decodeMessage, encodeFrame, encodeMessage, FrameReader } from '../../apps/agent/src/attach/frame.ts';
import { Attachment, type Attended as Ended, type AttachOptions } from '../../apps/agent/src/client/attach.ts';
import { FULL } from '../support/full.ts';
import { until, untilStill } from '../support/until.ts';
import { World } from '../support/world.ts';

const MIB = 1024 * 1024;
/** Of one read. */
const MOST_LOST = 64 * 1024;

let world: World;
let files: string;
beforeAll(async () => {
  world = await World.make();
  files = join(world.directory, 'files');
  mkdirSync(files, { mode: 0o755 });
});
afterAll(async () => await world[Symbol.asyncDispose]());

const digest = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

/** `plimsoll run` as a process of its own, with bytes for its standard input. */
function run(words: readonly string[], input = Buffer.alloc(0)): { code: number | null; stdout: Buffer; stderr: Buffer } {
  const { status, stdout, stderr } = spawnSync(join(world.program, 'apps/agent/bin/plimsoll'), ['run', '--rm', ...words], {
    env: world.environment,
    input,
    maxBuffer: 256 * MIB,
  });
  return { code: status, stdout, stderr };
}

interface Attended {
  id: string;
  attachment: Attachment;
  stdout: () => Buffer;
  end: Promise<Ended>;
}

/** A container that this process has run and is attached to. */
async function attend(
  command: string[],
  { request = {}, ...options }: { request?: CreateContainerInput } & Partial<AttachOptions> = {},
): Promise<Attended> {
  const client = await world.client();
  const openStdin = options.stdin !== undefined;
  const { id } = await client.command('container.run', { command, attended: true, openStdin, ...request });
  const stdout: Buffer[] = [];
  const attachment = new Attachment({
    ...{ state: world.state, container: id, incarnation: 1, stdin: null, signal: new AbortController().signal },
    write: async (stream, bytes) => void (stream === 'stdout' && stdout.push(Buffer.from(bytes))),
    ...options,
  });
  const end = attachment.untilEnd();
  // Of one that is disposed of before.
  end.catch(() => {});
  return { id, attachment, stdout: () => Buffer.concat(stdout), end };
}

/** Each byte once; but for what a supervisor was reading as it was killed, which the client knows of. */
function expectOutput(received: Buffer, whole: Buffer, { lostBytes, isUncertain }: Ended): void {
  if (!isUncertain && lostBytes === 0) return expect(digest(received)).toBe(digest(whole));
  expect(whole.length - received.length).toBeLessThanOrEqual(MOST_LOST);
  const common = [...received.keys()].findIndex((i) => received[i] !== whole[i]);
  const rest = received.subarray(common < 0 ? received.length : common);
  expect(digest(whole.subarray(whole.length - rest.length))).toBe(digest(rest));
}

const statusOf = async (id: string) => (await world.record(id))?.state.status;

describe('what a command writes', () => {
  test('arrives byte for byte on each stream, and its exit code with it', () => {
    const bytes = Buffer.concat([Buffer.from('\ufeffcaf\xe9\r\n\0', 'latin1'), Buffer.from('\ufeff\n'), randomBytes(MIB)]);
    writeFileSync(join(files, 'random'), bytes);
    const command = 'cat /files/random; cat /files/random >&2; exit 3';
    const { code, stdout, stderr } = run(['-v', `${files}:/files:ro`, '--', 'sh', '-c', command]);
    expect([code, digest(stdout), digest(stderr)]).toEqual([3, digest(bytes), digest(bytes)]);
  });

  test('is whole where it is more than its log keeps', () => {
    const blocks = FULL ? 100 : 40;
    const { code, stdout } = run(['--', 'sh', '-c', `yes 0123456789 | head -c ${blocks}m`]);
    expect([code, stdout.length]).toEqual([0, blocks * MIB]);
    expect(digest(stdout)).toBe(digest(Buffer.alloc(blocks * MIB, '0123456789\n')));
  });

  test('waits for its reader: a slow one misses nothing', async () => {
    const free = Promise.withResolvers<void>();
    let read = 0;
    const { id, end } = await attend(['sh', '-c', 'head -c 20m /dev/zero; echo written >&2'], {
      write: async (stream, bytes) => {
        read += stream === 'stdout' ? bytes.length : 0;
        await free.promise;
      },
    });
    await untilStill('what was read of it', () => read);
    expect(await statusOf(id)).toBe('running');
    expect(world.log(id).length).toBeLessThan(8 * MIB);
    free.resolve();
    expect(await end).toMatchObject({ record: { state: { status: 'exited', exitCode: 0 } }, lostBytes: 0 });
    expect(read).toBe(20 * MIB);
  });

  test('holds up no end: what a slow reader has not got yet is kept for it', async () => {
    const free = Promise.withResolvers<void>();
    const all: Buffer[] = [];
    const write = async (_: string, bytes: Buffer): Promise<void> => {
      all.push(Buffer.from(bytes));
      await free.promise;
    };
    const { id, end } = await attend(['sh', '-c', 'echo first; sleep 0.5; echo last'], { write });
    await until('it has ended', async () => (await statusOf(id)) === 'exited');
    free.resolve();
    await end;
    expect(Buffer.concat(all).toString()).toBe('first\nlast\n');
  });

  test('goes on into the log where its reader is gone', async () => {
    const hasOutput = Promise.withResolvers<void>();
    const write = async (): Promise<void> => {
      hasOutput.resolve();
      await new Promise(() => {});
    };
    const { id, attachment } = await attend(['sh', '-c', 'head -c 8m /dev/zero; exit 4'], { write });
    await hasOutput.promise;
    attachment[Symbol.dispose]();
    await until('it has ended', async () => (await statusOf(id)) === 'exited');
    expect((await world.record(id))?.state).toMatchObject({ exitCode: 4 });
    expect(world.log(id).length).toBeGreaterThan(8 * MIB);
  });

  test('does not wait for a client that never comes, and is in the log', async () => {
    const client = await world.client();
    const { id } = await client.command('container.run', { command: ['sh', '-c', 'head -c 4m /dev/zero'], attended: true });
    await until('it has ended', async () => (await statusOf(id)) === 'exited');
    expect((await world.record(id))?.state).toMatchObject({ exitCode: 0 });
    expect(world.log(id).length).toBeGreaterThan(4 * MIB);
  });

  test('of a container that a frozen group holds up comes when that is thawed', async () => {
    const client = await world.client();
    await client.command('group.create', { group: 'icy' });
    await client.command('group.freeze', { group: 'icy' });
    const { id, end, stdout } = await attend(['echo', 'late'], { request: { group: 'icy' } });
    expect(await statusOf(id)).toBe('starting');
    await client.command('group.thaw', { group: 'icy' });
    expect(await end).toMatchObject({ record: { state: { exitCode: 0 } } });
    expect(stdout().toString()).toBe('late\n');
    await client.command('group.remove', { group: 'icy', force: true });
  });

  test('of one that is killed before it could start: its client learns of the end', async () => {
    const client = await world.client();
    await client.command('group.create', { group: 'icy' });
    await client.command('group.freeze', { group: 'icy' });
    const { id, end } = await attend(['echo', 'late'], { request: { group: 'icy' } });
    await client.command('container.kill', { container: id });
    expect(await end).toMatchObject({ record: { state: { status: 'failed' } } });
    await client.command('group.remove', { group: 'icy', force: true });
  });
});

describe('a part that is killed', () => {
  const COUNT = 'i=0; while [ $i -lt 3000 ]; do echo line $i; i=$((i+1)); [ $((i % 30)) = 0 ] && sleep 0.02; done';
  const LINES = Array.from({ length: 3000 }, (_, i) => `line ${i}\n`).join('');

  test('the supervisor, twice: the output arrives whole, each byte once', async () => {
    const { end, stdout } = await attend(['sh', '-c', COUNT]);
    for (const lines of [300, 1200]) {
      await until(`${lines} lines are there`, () => stdout().toString().includes(`line ${lines}\n`));
      await world.end('supervisor');
      await world.startSupervisor();
    }
    const ended = await end;
    expect(ended).toMatchObject({ record: { state: { exitCode: 0 } } });
    expectOutput(stdout(), Buffer.from(LINES), ended);
  });

  test('the supervisor, with its counts of what has passed: the client learns that something may be missing', async () => {
    const stdin = new PassThrough();
    const { end, stdout } = await attend(['sh', '-c', 'cat; sleep 1; echo last'], { stdin });
    stdin.write('first\n');
    await until('it is back', () => stdout().toString() === 'first\n');
    await world.end('supervisor');
    rmSync(join(world.state.run, 'stream-counts'));
    await world.startSupervisor();
    expect(await end).toMatchObject({
      isUncertain: true,
      inputProblem: expect.stringContaining('ended while this command was away'),
    });
  });

  test('the supervisor, while the container ends: its last output arrives', async () => {
    const { id, end, stdout } = await attend(['sh', '-c', 'echo first; sleep 1; echo last']);
    await until('it has begun', () => stdout().length > 0);
    const state = (await world.record(id))?.state;
    const pid = state !== undefined && 'pid' in state ? state.pid : 0;
    await world.end('supervisor');
    await until('it has ended', () => !existsSync(`/proc/${pid}`) || isZombie(pid));
    await world.startSupervisor();
    await end;
    expect(stdout().toString()).toBe('first\nlast\n');
  });

  test('the agent: the output arrives without it', async () => {
    const { end, stdout } = await attend(['sh', '-c', COUNT]);
    await until('some lines are there', () => stdout().toString().includes('line 300\n'));
    await world.end('agent');
    await until('more are there', () => stdout().toString().includes('line 900\n'));
    await world.startAgent();
    expect(await end).toMatchObject({ record: { state: { exitCode: 0 } }, lostBytes: 0 });
    expect(stdout().toString()).toBe(LINES);
  });

  test('the agent: a command ends with its container, and the supervisor removes that', async () => {
    const command = world.plimsollProcess(['run', '--rm', '--', 'sh', '-c', 'echo begins; sleep 1; exit 5']);
    await until('it runs', () => command.stdout === 'begins\n');
    const client = await world.client();
    const [{ id } = { id: '' }] = (await client.command('container.list', {})).filter(({ state }) => state.status === 'running');
    await world.end('agent');
    expect((await command.ended).code).toBe(5);
    await until('it is removed', async () => (await world.record(id)) === undefined);
    await world.startAgent();
  });

  test('the client: its container goes with its end where it was to be removed', async () => {
    const command = world.plimsollProcess(['run', '--rm', '--name', 'orphan', '--', 'sh', '-c', 'echo begins; sleep 1']);
    await until('it runs', () => command.stdout === 'begins\n');
    const client = await world.client();
    const { id } = await client.command('container.inspect', { container: 'orphan' });
    command.signal('SIGKILL');
    await until('it is removed', async () => (await world.record(id)) === undefined);
    // Its name is free.
    expect(run(['--name', 'orphan', '--', 'true']).code).toBe(0);
  });
});

describe('the standard input', () => {
  test('is empty without `-i`', () => {
    expect(run(['--', 'cat'], Buffer.from('not for it'))).toMatchObject({ code: 0, stdout: Buffer.alloc(0) });
  });

  test('arrives byte for byte, up to its end', () => {
    const bytes = Buffer.concat([randomBytes(3 * MIB), Buffer.from('no newline')]);
    const { code, stdout } = run(['-i', '--', 'sh', '-c', 'gzip | gunzip'], bytes);
    expect([code, digest(stdout)]).toEqual([0, digest(bytes)]);
    expect(run(['-i', '--', 'cat'])).toMatchObject({ code: 0, stdout: Buffer.alloc(0) });
  });

  test('can be opened again by its name, also by a user that is not root', () => {
    expect(run(['-i', '-u', '1000', '--', 'cat', '/dev/stdin'], Buffer.from('hello\n')).stdout.toString()).toBe('hello\n');
  });

  test('is read no faster than the container reads it, and its writer outlives a container that ends before', async () => {
    const stdin = new PassThrough({ highWaterMark: 64 * 1024 });
    let written = 0;
    const fill = (): void => {
      while (stdin.writable && stdin.write(Buffer.alloc(64 * 1024))) written += 64 * 1024;
    };
    stdin.on('drain', fill).on('error', () => {});
    const { end } = await attend(['sh', '-c', 'head -c 100000 | wc -c; sleep 2; exit 5'], { stdin });
    fill();
    await untilStill('what was written', () => written);
    expect(written).toBeLessThan(2 * MIB);
    expect(await end).toMatchObject({ record: { state: { exitCode: 5 } } });
  });

  test('survives kills of the supervisor: each byte arrives once, and its end behind them', async () => {
    const bytes = randomBytes(2 * MIB);
    const stdin = new PassThrough();
    const { id, end, stdout } = await attend(['tee', '/copy'], { stdin });
    const pieces = Array.from({ length: 64 }, (_, i) => bytes.subarray((i * bytes.length) / 64, ((i + 1) * bytes.length) / 64));
    for (const [i, piece] of pieces.entries()) {
      stdin.write(piece);
      if (i % 16 !== 10) continue;
      await until('some of it is back', () => stdout().length >= (i * piece.length) / 2);
      await world.end('supervisor');
      await world.startSupervisor();
    }
    stdin.end();
    const ended = await end;
    expect(ended).toMatchObject({ record: { state: { exitCode: 0 } }, inputProblem: null });
    expect(digest(readFileSync(join(world.state.lib, 'containers', id, 'upper/copy')))).toBe(digest(bytes));
    if (ended.lostBytes === 0 && !ended.isUncertain) expect(digest(stdout())).toBe(digest(bytes));
  });

  test('of a run is no other one: a restart ends its client, and the next run has an input of its own', async () => {
    const stdin = new PassThrough();
    const { id, end, stdout } = await attend(['cat'], { stdin });
    stdin.write('first');
    await until('it is back', () => stdout().toString() === 'first');
    // As a container that the first run has passed its input to.
    const passedOn = openSync(join(world.state.run, 'containers', id, 'stdin'), constants.O_RDWR | constants.O_NONBLOCK);
    const client = await world.client();
    await client.command('container.restart', { container: id, graceMs: 0 });
    stdin.write('second');
    writeSync(passedOn, 'third');
    await end;
    await untilStill('its log', () => world.log(id));
    closeSync(passedOn);
    expect(await world.record(id)).toMatchObject({ incarnation: 2, state: { status: 'running' } });
    expect(world.log(id)).not.toMatch(/second|third/);
  });

  test('ends where the client that writes it is gone', async () => {
    const stdin = new PassThrough();
    const { id, attachment, stdout } = await attend(['sh', '-c', 'cat; exit 9'], { stdin });
    stdin.write('some');
    await until('it has read it', () => stdout().length > 0);
    attachment[Symbol.dispose]();
    await until('it has ended', async () => (await statusOf(id)) === 'exited');
    expect((await world.record(id))?.state).toMatchObject({ exitCode: 9 });
  });
});

describe("the supervisor's socket for clients", () => {
  /** All that it answers until it closes the connection. */
  async function answer(...frames: Uint8Array[]): Promise<{ kind: string; message: unknown }[]> {
    const socket = createConnection(world.state.attachSocket);
    socket.on('error', () => {});
    await once(socket, 'connect');
    for (const frame of frames) socket.write(frame);
    const bytes = await buffer(socket);
    return [...new FrameReader(MIB).push(bytes)].map(({ kind, payload }) => ({ kind, message: decodeMessage(payload) }));
  }
  const request = (container: string, incarnation = 1) =>
    encodeMessage('attach', { container, incarnation, received: { stdout: 0, stderr: 0 }, stdin: false });

  test.each([
    ['a frame of no known kind', Buffer.from([200, 0, 0, 0, 0])],
    ['a frame that is longer than any', Buffer.from([1, 255, 255, 255, 255])],
    ['input before it is attached', encodeFrame('stdin', Buffer.from('x'))],
    ["a frame of the supervisor's", encodeFrame('stdout', Buffer.from('x'))],
  ])('closes the connection at %s', async (_, frame) => {
    expect(await answer(frame)).toEqual([]);
  });

  test.each([
    ['what is no JSON', encodeFrame('attach', Buffer.from('{')), 'bad-request'],
    ['a request of another shape', encodeMessage('attach', { container: 'x' }), 'bad-request'],
    ['a container that is not there', request('0123456789abcdef'), 'not-found'],
  ])('refuses %s', async (_, frame, code) => {
    expect(await answer(frame)).toMatchObject([{ kind: 'error', message: { code } }]);
  });

  test('refuses a second client, one of another incarnation, and one of a container without clients', async () => {
    const { id, attachment } = await attend(['sleep', 'infinity']);
    await until('it is attached', async () => (await answer(request(id)))[0]?.kind === 'error');
    expect(await answer(request(id))).toMatchObject([{ kind: 'error', message: { code: 'conflict' } }]);
    attachment[Symbol.dispose]();
    await until('it is free again', async () => (await answer(request(id, 2))).length > 0);
    expect(await answer(request(id, 2))).toMatchObject([{ kind: 'error', message: { code: 'wrong-state' } }]);
    const other = await world.run(['sleep', 'infinity']);
    expect(await answer(request(other.id))).toMatchObject([{ kind: 'error', message: { code: 'wrong-state' } }]);
  });
});
