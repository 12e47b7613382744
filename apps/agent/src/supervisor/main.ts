import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { flushCompileCache } from 'node:module';
import { connect } from 'node:net';
import { join } from 'node:path';
import {
  CgroupWatch,
  discoverCgroupLayout,
  EventLoop,
  NetworkNamespacePool,
  setUndumpable,
  usedLayout,
  UserNamespacePool,
  ZygotePool,
} from '@plimsoll/core';
import { z } from 'zod';
import { stateRoot } from '../state-root.ts';
import { Containers } from './containers.ts';
import { Foreign } from './foreign.ts';
import { DrawnIdRanges } from './id-ranges.ts';
import { Incidents } from './incidents.ts';
import { Journal } from './journal.ts';
import { LedgerRecords } from './ledger-records.ts';
import { serve } from './server.ts';
import { Store } from './store.ts';

const { version } = z
  .object({ version: z.string() })
  .parse(JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')));

// No process of a container's user may trace it or its children, or look through their descriptors (proc(5), ptrace(2)).
setUndumpable();
// Modes of what is made below are the ones written there.
process.umask(0o022);
const state = stateRoot();
mkdirSync(state.run, { recursive: true, mode: 0o755 });
mkdirSync(state.lib, { recursive: true, mode: 0o755 });

if (await answers(state.supervisorSocket)) {
  process.stderr.write(`A supervisor is running for ${state.run} already\n`);
  process.exit(1);
}

const loop = new EventLoop();
const zygotes = new ZygotePool(loop);
// For the few that ask for the host's user namespace.
const networks = new NetworkNamespacePool(zygotes, 2);
const ranges = new DrawnIdRanges();
const users = new UserNamespacePool(zygotes, ranges);
const hostLayout = discoverCgroupLayout();
const layout = usedLayout(hostLayout);
const store = new Store(state);
const { journal, entries } = Journal.open(join(state.lib, 'journal.jsonl'));
const watch = new CgroupWatch({ loop, zygotes }, layout, state.cgroup);
const incidents = new Incidents(watch, (incident) => containers.observers.forEach((observer) => observer.incident(incident)));
const ledger = new LedgerRecords(journal, entries, (record) =>
  containers.observers.forEach((observer) => observer.ledgerRecord(record)),
);
const containers = new Containers(
  { kernel: { loop, zygotes, networks }, layout, store, journal, ledger, incidents, ranges, users },
  state.cgroup,
);

const foreign = new Foreign(loop, hostLayout, state.cgroup);

const server = serve({ containers, foreign, ledger }, version, async () => {
  const stopped = await containers.shutdown();
  await store.settled();
  // The answer goes out first.
  setTimeout(() => void end(), 50);
  return stopped;
});

async function end(): Promise<void> {
  server.close();
  rmSync(state.supervisorSocket, { force: true });
  networks[Symbol.dispose]();
  users[Symbol.dispose]();
  await watch[Symbol.asyncDispose]();
  await zygotes[Symbol.asyncDispose]();
  journal[Symbol.dispose]();
  process.exit(0);
}

// Containers go on without a supervisor, and the next one takes them over.
process.on('SIGTERM', () => void end());
process.on('SIGINT', () => void end());
process.on('SIGHUP', () => {});

await containers.recover(entries);
// Now it is known which ranges are whose.
users.refill();

rmSync(state.supervisorSocket, { force: true });
process.umask(0o177);
server.listen(state.supervisorSocket, () => {
  process.umask(0o022);
  writeFileSync(join(state.run, 'supervisor.pid'), `${process.pid}\n`);
  process.stderr.write(`${new Date().toISOString()} supervisor ${version} of ${state.run}, pid ${process.pid}\n`);
  process.send?.({ ready: true });
  // Otherwise only an orderly end would write it, and a supervisor's comes after months.
  flushCompileCache();
});

/** Whether somebody listens there. */
function answers(path: string): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const socket = connect(path);
  socket.on('connect', () => resolve(true));
  socket.on('error', () => resolve(false));
  return promise.finally(() => socket.destroy());
}
