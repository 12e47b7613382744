// @module-tag kernel

import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { hostname } from 'node:os';
import { afterAll, beforeAll } from 'vitest';
import { describeAttempts, type Attempt } from '../support/escape/attempt.ts';
import { capable, hostsRoot, inHosts, together } from '../support/escape/weaken.ts';

/** A process of the host's, and what it listens on without a file. */
let victim: ChildProcess;
let tcp: Server;
let abstract: Server;
const NAME = `plimsoll-escape-${process.pid}`;

beforeAll(async () => {
  victim = spawn('/bin/sleep', ['infinity'], { stdio: 'ignore' });
  await once(victim, 'spawn');
  [tcp, abstract] = [createServer((socket) => socket.destroy()), createServer((socket) => socket.destroy())];
  tcp.listen(0, '127.0.0.1');
  abstract.listen(`\0${NAME}`);
  await Promise.all([tcp, abstract].map((server) => once(server, 'listening')));
});
afterAll(async () => {
  const servers = [tcp, abstract].map((server) => once(server.close(), 'close'));
  victim.kill('SIGKILL');
  await Promise.all([...servers, once(victim, 'exit')]);
});

const victimsPid = () => String(victim.pid);

/** Where it has its first memory. */
const victimsMemory = () => `0x${/^[0-9a-f]+/.exec(readFileSync(`/proc/${victim.pid}/maps`, 'latin1'))?.[0]}`;

let segment = '';

const ATTEMPTS: Attempt[] = [
  {
    title: 'a hold of a process of the host',
    after: 'ptrace(2)',
    attempt: () => ['trace', victimsPid()],
    weakened: together(inHosts('pid'), capable('CAP_SYS_PTRACE'), hostsRoot),
  },
  {
    title: 'the memory of a process of the host',
    after: 'process_vm_readv(2)',
    attempt: () => ['read-memory', victimsPid(), victimsMemory()],
    weakened: together(inHosts('pid'), capable('CAP_SYS_PTRACE'), hostsRoot),
  },
  {
    title: 'the end of a process of the host',
    after: 'kill(2)',
    attempt: () => ['send-signal', victimsPid()],
    weakened: together(inHosts('pid'), hostsRoot),
  },
  {
    title: 'the files of the host, through the root of a process',
    after: '/proc/pid/root',
    attempt: ({ secret }) => ['read-through-root', victimsPid(), secret.path, secret.text],
    weakened: together(inHosts('pid'), capable('CAP_SYS_PTRACE'), hostsRoot),
  },
  {
    title: 'the mounts of the host, of a process in them',
    after: 'nsenter(1)',
    attempt: ({ secret }) => ['join-mounts', victimsPid(), secret.path, secret.text],
    weakened: together(inHosts('pid'), capable('CAP_SYS_PTRACE', 'CAP_SYS_ADMIN'), hostsRoot),
  },
  {
    title: 'a socket of the host that has no file',
    after: 'CVE-2020-15257',
    attempt: () => ['connect-abstract', NAME],
    weakened: together(inHosts('network'), hostsRoot),
  },
  {
    title: 'what listens on the loopback device of the host',
    after: "127.0.0.1 of the host's network",
    attempt: () => ['connect-loopback', String((tcp.address() as AddressInfo).port)],
    weakened: together(inHosts('network'), hostsRoot),
  },
  {
    title: 'memory that processes of the host share',
    after: 'shmat(2)',
    prepare(ground) {
      segment = ground.onHost('place-memory');
    },
    clear: (ground) => void ground.onHost('remove-memory', segment),
    attempt: () => ['attach-memory', segment],
    weakened: together(inHosts('ipc'), hostsRoot),
  },
  {
    title: 'the name of the host',
    after: 'sethostname(2)',
    attempt: () => ['rename-host', hostname()],
    weakened: together(inHosts('uts'), capable('CAP_SYS_ADMIN'), hostsRoot),
  },
];

describeAttempts(ATTEMPTS);
