import { closeSync, writeSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { EPOLL, EPOLL_CTL, EPOLL_EVENT } from '../abi/epoll.ts';
import { Memory } from '../program/argument.ts';
import { call } from '../program/call.ts';
import { LoadedProgram } from '../program/load.ts';
import { makePipe } from '../processes/pipe.ts';
import { Epoll } from './epoll.ts';
import { logFaultsWith } from './guarded.ts';

const DEADLINE_MS = 30_000;

test('a watch that the kernel refuses to add again after a fault is tried again', async () => {
  const logged: string[] = [];
  logFaultsWith((_, error) => void logged.push(String(error)));
  using epoll = new Epoll();
  const { program, ready } = epoll.waitProgram(0);
  program.end();
  using wait = new LoadedProgram(program);
  const pipe = makePipe();
  let calls = 0;
  const watching = epoll.watch('a pipe', pipe.read, EPOLL.EPOLLIN, () => {
    if (++calls === 1) throw new Error('broken');
  });
  const dispatch = (): void => {
    wait.run();
    epoll.dispatch(wait, ready);
  };
  const until = async (holds: () => boolean): Promise<void> => {
    for (const end = performance.now() + DEADLINE_MS; !holds() && performance.now() < end; await delay(10)) dispatch();
    expect(holds()).toBe(true);
  };

  writeSync(pipe.write, 'x');
  dispatch();
  // The kernel refuses a descriptor that is watched (EEXIST). This watch has no event but a hang-up, which does not come.
  const event = new Memory(new Uint8Array(EPOLL_EVENT[process.arch]?.size ?? 0), 'event');
  call('watch it', 'epoll_ctl', epoll.fd, EPOLL_CTL.EPOLL_CTL_ADD, pipe.read, event);
  await until(() => logged.length === 2);
  expect(logged[1]).toContain('EEXIST');
  expect(calls).toBe(1);
  call('forget it', 'epoll_ctl', epoll.fd, EPOLL_CTL.EPOLL_CTL_DEL, pipe.read, 0);
  await until(() => calls > 1);
  watching[Symbol.dispose]();
  for (const fd of [pipe.read, pipe.write]) closeSync(fd);
});
