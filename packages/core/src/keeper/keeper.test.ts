import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readdirSync, readFileSync, readlinkSync, writeSync } from 'node:fs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { EventLoop } from '../events/event-loop.ts';
import { HeldProcess } from '../processes/process.ts';
import { call, tryCall } from '../program/call.ts';
import { makeEndLog, readHeader } from './end-log.ts';
import { decodeMessage, encodeMessage, HEADER, KEEPER_NAME, KEEPER_VERSION, MESSAGE } from './format.ts';
import { Keeper } from './keeper.ts';
import { closeDescriptors, makeDescriptors, startKeeper } from './keeper-process.ts';
import { makeQueue, Queue, sendNow } from './queue.ts';

const DEADLINE_MS = 30_000;
/** More than a keeper leaves before it tidies up. */
const PASSING = 320;

let loop: EventLoop;
let owner: string;
let reports: string[];
const keepers: Keeper[] = [];
beforeEach(() => {
  loop = new EventLoop();
  owner = `/test/${process.pid}/${performance.now()}`;
  reports = [];
});
afterEach(async () => {
  for (const keeper of keepers.splice(0)) await keeper.end();
  loop[Symbol.dispose]();
});

function open(isDoubted: (cgroup: string) => boolean = () => false): Keeper {
  const keeper = Keeper.open(loop, { owner, isDoubted, report: (what, why) => void reports.push(`${what}: ${String(why)}`) });
  keepers.push(keeper);
  return keeper;
}

/** A process that lives until its standard input is closed. */
function child(): { process: ChildProcess; held: HeldProcess } {
  const started = spawn('cat', { stdio: ['pipe', 'ignore', 'ignore'] });
  const pid = started.pid ?? 0;
  return { process: started, held: new HeldProcess(loop, pid, call('hold it', 'pidfd_open', pid, 0)) };
}

async function end({ process: started, held }: ReturnType<typeof child>): Promise<void> {
  started.stdin?.end();
  await held.exited;
}

async function seen(keeper: Keeper, key: bigint): Promise<{ realtimeNs: bigint; monotonicNs: bigint }> {
  await expect.poll(() => keeper.endOf(key), { timeout: DEADLINE_MS }).not.toBeNull();
  const found = keeper.endOf(key);
  if (found === null) throw new Error('unreachable');
  return found;
}

function pidfds(): number {
  return openDescriptors().filter((link) => link.includes('pidfd')).length;
}

function openDescriptors(): string[] {
  return readdirSync('/proc/self/fd').flatMap((fd) => {
    try {
      return [readlinkSync(`/proc/self/fd/${fd}`)];
    } catch {
      return [];
    }
  });
}

test('a keeper has nothing of the memory of its maker but its program', async () => {
  const { pid } = open();
  // Its last step but one unmaps the rest.
  await expect.poll(() => readFileSync(`/proc/${pid}/comm`, 'latin1').trim(), { timeout: DEADLINE_MS }).toBe(KEEPER_NAME);
  const mappings = readFileSync(`/proc/${pid}/maps`, 'latin1').trim().split('\n');
  const sizes = mappings
    .filter((mapping) => !mapping.endsWith('[vsyscall]'))
    .map(
      (mapping) =>
        mapping
          .split(' ', 1)[0]
          ?.split('-')
          .map((address) => Number.parseInt(address, 16)) ?? [],
    )
    .map(([from = 0, to = 0]) => to - from);
  expect(sizes.reduce((sum, size) => sum + size)).toBeLessThan(64 * 1024);
});

test('a keeper notes when a process ended, by both clocks', async () => {
  const keeper = open();
  const one = child();
  const key = keeper.hold('one', one.held);
  expect(keeper.endOf(key)).toBeNull();
  const from = { realtime: BigInt(Date.now()) * 1_000_000n, monotonic: process.hrtime.bigint() };
  await end(one);
  const { realtimeNs, monotonicNs } = await seen(keeper, key);
  expect(realtimeNs).toBeGreaterThanOrEqual(from.realtime);
  expect(realtimeNs).toBeLessThanOrEqual(BigInt(Date.now() + 1) * 1_000_000n);
  expect(monotonicNs).toBeGreaterThanOrEqual(from.monotonic);
  expect(monotonicNs).toBeLessThanOrEqual(process.hrtime.bigint());
});

test('the next keeper has what the one before held, and ends it', async () => {
  const [first, ended, running] = [open(), child(), child()];
  const keys = [first.hold('ended', ended.held), first.hold('running', running.held)] as const;
  const gone = first.hold('released', running.held);
  first.release(gone);
  await end(ended);
  const time = await seen(first, keys[0]);

  const second = open();
  expect(second.hasAll).toBe(true);
  expect(new Map(second.found.map(({ key, note }) => [key, note]))).toEqual(
    new Map([
      [keys[0], 'ended'],
      [keys[1], 'running'],
      [gone, 'released'],
    ]),
  );
  expect(second.endOf(keys[0])).toEqual(time);
  const [adoptedEnded, adoptedRunning] = keys.map((key) => second.adopt(key));
  expect(adoptedEnded).toMatchObject({ hasEnded: true });
  expect(adoptedRunning).toMatchObject({ pid: running.process.pid, hasEnded: false, hasExeced: true });
  expect(second.adopt(keys[1])).toBeNull();
  second.releaseFound();
  expect(second.found).toEqual([]);

  await end(running);
  await seen(second, keys[1]);
  // A third one has it from the second, with the time that the first had.
  const third = open();
  expect(third.endOf(keys[0])).toEqual(time);
  // This process, which still lives, makes those again that the later ones have ended: a process is then found twice.
  await adoptedRunning?.exited;
});

test('a keeper is not believed in a cgroup that is doubted, and not as another’s', async () => {
  const first = open();
  const one = child();
  first.hold('one', one.held);
  const second = open(() => true);
  expect(second).toMatchObject({ found: [], hasAll: false });
  const whole = owner;
  owner = `${whole}0`;
  expect(open()).toMatchObject({ found: [], hasAll: false });
  owner = whole;
  await end(one);
});

test('a process that calls itself a keeper is none', async () => {
  const impostor = spawn('sh', ['-c', 'printf plimsoll-keeper > /proc/self/comm; echo; read wait'], {
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  await once(impostor.stdout, 'data');
  expect(readFileSync(`/proc/${impostor.pid}/comm`, 'latin1')).toBe('plimsoll-keeper\n');
  expect(open()).toMatchObject({ found: [], hasAll: false });
  impostor.stdin.end();
  await once(impostor, 'exit');
});

test('a keeper of a newer minor version is read, and one of a newer major version replaced, which is reported', async () => {
  const one = child();
  for (const [version, isRead] of [
    [{ ...KEEPER_VERSION, minor: KEEPER_VERSION.minor + 1 }, true],
    [{ major: KEEPER_VERSION.major + 1, minor: 0 }, false],
  ] as const) {
    const descriptors = makeDescriptors(owner);
    const patch = Buffer.alloc(4);
    patch.writeUInt16LE(version.major, 0);
    patch.writeUInt16LE(version.minor, 2);
    // Through another file description: the keeper's place is behind the header.
    const header = openSync(`/proc/self/fd/${descriptors.ends}`, 'r+');
    writeSync(header, patch, 0, 4, HEADER.major);
    closeSync(header);
    const message = Buffer.from(encodeMessage({ key: 7n, note: 'of another version', ended: null }));
    message.writeUInt16LE(version.major, MESSAGE.major);
    message.writeUInt16LE(version.minor, MESSAGE.minor);
    sendNow(descriptors.send, message, one.held.pidfd ?? -1);
    const other = startKeeper(loop, descriptors);
    await expect
      .poll(() => readFileSync(`/proc/${other.pid}/comm`, 'latin1'), { timeout: DEADLINE_MS })
      .toBe('plimsoll-keeper\n');
    closeDescriptors(descriptors);
    const keeper = open();
    expect(keeper.found).toEqual(isRead ? [{ key: 7n, note: 'of another version' }] : []);
    expect(keeper.hasAll).toBe(isRead);
    expect(reports).toHaveLength(isRead ? 0 : 1);
    await other.exited;
    await keepers.pop()?.end();
    keeper.releaseFound();
  }
  expect(reports[0]).toMatch(/version 2\.0/);
  await end(one);
});

test('a keeper that is killed is made again, and has lost nothing', async () => {
  const keeper = open();
  const [one, two] = [child(), child()];
  const key = keeper.hold('one', one.held);
  const before = keeper.pid;
  process.kill(before, 'SIGKILL');
  const later = keeper.hold('two', two.held);
  await end(two);
  await expect.poll(() => keeper.pid, { timeout: DEADLINE_MS }).not.toBe(before);
  await end(one);
  await seen(keeper, key);
  await seen(keeper, later);
});

test('released processes leave the queue in time, and the others stay', async () => {
  const keeper = open();
  const [one, many] = [child(), child()];
  const key = keeper.hold('one', one.held);
  await end(many);
  const before = pidfds();
  for (let i = 0; i < PASSING; i++) {
    const pid = spawn('true', { stdio: 'ignore' }).pid ?? 0;
    const passing = new HeldProcess(loop, pid, call('hold it', 'pidfd_open', pid, 0));
    const passingKey = keeper.hold('passing', passing);
    await passing.exited;
    if (i % 2 === 0) await seen(keeper, passingKey);
    keeper.release(passingKey);
  }
  await expect.poll(pidfds, { timeout: DEADLINE_MS }).toBe(before);
  await end(one);
  await seen(keeper, key);
  const next = open();
  expect(next.found.map(({ key: found }) => found)).toContain(key);
  // Each time that there are more than 256, they go.
  expect(next.found.length).toBeLessThan(PASSING / 2);
  expect(next.endOf(key)).toEqual(keeper.endOf(key));
});

test('messages keep their order, stay when they are looked at, and go with what they hold', () => {
  const { queue, send } = makeQueue();
  const one = new Queue(queue);
  expect(one.peek()).toBeNull();
  const messages = [1n, 2n, 3n].map((key) => encodeMessage({ key, note: `note ${key}`, ended: null }));
  for (const message of messages) sendNow(send, message, 0);
  expect(one.length).toBe(messages.reduce((sum, { length }) => sum + length, 0));
  for (let look = 0; look < 2; look++) {
    const keys: (bigint | undefined)[] = [];
    one.peekAll((message, fd) => {
      keys.push(decodeMessage(message)?.key);
      tryCall('close', fd);
    });
    expect(keys).toEqual([1n, 2n, 3n]);
  }
  one.drop();
  const first = one.peek();
  expect(decodeMessage(first?.message ?? new Uint8Array())).toEqual({ key: 2n, note: 'note 2', ended: null });
  for (const fd of [first?.fd ?? -1, queue, send]) tryCall('close', fd);
});

test('what is no message and no header is none', () => {
  const message = encodeMessage({ key: 5n, note: 'x', ended: { realtimeNs: 1n, monotonicNs: 2n } });
  expect(decodeMessage(message)).toEqual({ key: 5n, note: 'x', ended: { realtimeNs: 1n, monotonicNs: 2n } });
  expect(decodeMessage(message.subarray(0, 20))).toBeNull();
  expect(decodeMessage(new Uint8Array(100))).toBeNull();
  expect(() => encodeMessage({ key: 5n, note: 'x'.repeat(5000), ended: null })).toThrow('too long');
  const log = makeEndLog('/some/where');
  expect(readHeader(log)).toEqual({ owner: '/some/where', version: KEEPER_VERSION });
  tryCall('close', log);
  const empty = call('make a file', 'memfd_create', 'empty', 1);
  expect(readHeader(empty)).toBeNull();
  tryCall('close', empty);
});
