import { rmSync } from 'node:fs';
import { flushCompileCache } from 'node:module';
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
import { PlimsollError } from '@plimsoll/protocol';
import { buildVersion } from '../build.ts';
import { openHostId } from '../host-id.ts';
import { stateRoot } from '../state-root.ts';
import { clearPath } from '../stores/clear-path.ts';
import { hostIdInDatabases } from '../stores/host-id-in-databases.ts';
import { makeStateDirectories } from '../stores/state-directories.ts';
import { guarded, logFault, logFaultsWith } from '@plimsoll/core/guarded';
import { serveAttach } from './attach/attach-server.ts';
import { Attachments } from './attach/attachments.ts';
import { StreamCounts } from './attach/stream-counts.ts';
import { complain } from './complain.ts';
import { Containers } from './containers.ts';
import { Foreign } from './foreign.ts';
import { DrawnIdRanges } from './id-ranges.ts';
import { Incidents } from './incidents.ts';
import { isServed } from './is-served.ts';
import { Journal, type OpenedJournal } from './journal.ts';
import { KeptStarts } from './kept-starts.ts';
import { LayerProjects } from './layer-projects.ts';
import { hostIn } from './journal-entry.ts';
import { LedgerRecords } from './ledger-records.ts';
import { LateRecords } from './late-records.ts';
import { LogGaps } from './log-gaps.ts';
import { FileReserve, reservePath, withRoom } from './reserve.ts';
import { Reconstruction } from './reconstruction.ts';
import { RequestEffects } from './request-effects.ts';
import { Requests } from './requests.ts';
import { asPlimsollError, serve } from './server.ts';
import { Store } from './store.ts';
import { surviveUncaught } from './uncaught.ts';
import { BindSourceOpener } from './bind-sources.ts';
import { writeInPlace } from './write-in-place.ts';

const AN_HOUR_MS = 3_600_000;
const PID_BYTES = 16;

// The log lies on a disk that may take none; an error without a listener would end the process.
process.stderr.on('error', () => {});

logFaultsWith(complain);
// No process of a container's user may trace it or its children, or look through their descriptors (proc(5), ptrace(2)).
setUndumpable();
// Modes of what is made below are the ones written there.
process.umask(0o022);
const state = stateRoot();
try {
  makeStateDirectories(state);
} catch (error) {
  const { message, hint } = asPlimsollError(error);
  process.stderr.write(`The supervisor cannot be started: ${message}. ${hint}\n`);
  process.exit(1);
}

if (await isServed(state.supervisorSocket)) {
  process.stderr.write(`A supervisor is running for ${state.run} already\n`);
  process.exit(1);
}

// Our epoll instance does not keep Node alive while this waits for nothing else. Once it listens, its socket does.
const untilListening = setInterval(() => {}, AN_HOUR_MS);
const loop = new EventLoop();
const zygotes = new ZygotePool(loop);
// For the few that ask for the host's user namespace.
const networks = new NetworkNamespacePool(zygotes, 2);
const ranges = new DrawnIdRanges();
const users = new UserNamespacePool(zygotes, ranges);
const hostLayout = discoverCgroupLayout();
const layout = usedLayout(hostLayout);
const store = new Store(state);
const gaps = new LogGaps(join(state.lib, 'log-gaps'), (id) => store.paths(id).log);
const reserve = new FileReserve(reservePath(state));
const journalPath = join(state.lib, 'journal.jsonl');
const opened = openJournal(journalPath);
const { journal, entries } = opened;
const late = new LateRecords(journal);
const found = new Reconstruction(opened, { store, layout, root: state.cgroup, journalPath });
for (const { at, store: what, problem, message } of found.warnings) {
  process.stderr.write(`${at} the ${what} was ${problem}: ${message}\n`);
}
const kept = new KeptStarts(loop, state);
const layers = new LayerProjects(store.directory);
const watch = new CgroupWatch({ loop, zygotes }, layout, state.cgroup);
const incidents = new Incidents(watch, (incident) => containers.observers.report((observer) => observer.incident(incident)));
const host = openHostId(state.lib, [() => hostIn(entries), () => hostIdInDatabases(state.lib)]);
const ledger = new LedgerRecords(
  { journal, host },
  entries,
  (record) => containers.observers.report((observer) => observer.ledgerRecord(record)),
  // Which numbers were given is not known: the time is greater than any.
  found.isComplete ? 0 : Date.now(),
);
const counts = new StreamCounts(join(state.run, 'stream-counts'));
const attachments = new Attachments({
  counts,
  logOf: (id) => store.paths(id).log,
  isThere: (id) => containers.find(id) !== undefined,
  gone: (id) => containers.clientGone(id),
});
const binds = new BindSourceOpener({
  own: [store.directory, join(state.lib, 'volumes')],
  records: () => containers.records,
});
const containers = new Containers(
  {
    kernel: { loop, zygotes, networks },
    layout,
    store,
    journal,
    late,
    ledger,
    gaps,
    incidents,
    ranges,
    users,
    kept,
    layers,
    binds,
    counts,
    attachments,
  },
  state.cgroup,
);

const requests = new Requests({ journal, effects: new RequestEffects(containers), failure: asPlimsollError });
const foreign = new Foreign(loop, hostLayout, state.cgroup);

let isEnding = false;
const { warnings } = found;
const { server, drain } = serve(
  { containers, foreign, ledger, requests },
  { warnings, host },
  {
    shutdown: async () => {
      const stopped = await containers.shutdown();
      await store.settled();
      return stopped;
    },
    end: guarded('the end of the supervisor', end),
  },
);

const attachServer = serveAttach({ containers, attachments, failure: asPlimsollError });

async function end(): Promise<void> {
  if (isEnding) return;
  isEnding = true;
  await Promise.all([drain(), attachments.settled()]);
  kept.leave();
  for (const one of [server, attachServer]) one.close();
  for (const socket of [state.supervisorSocket, state.attachSocket]) rmSync(socket, { force: true });
  networks[Symbol.dispose]();
  users[Symbol.dispose]();
  await watch[Symbol.asyncDispose]();
  if (!containers.anyAlive) await kept.end();
  await zygotes[Symbol.asyncDispose]();
  journal[Symbol.dispose]();
  process.exit(0);
}

// Containers go on without a supervisor, and the next one takes them over.
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, guarded('the end of the supervisor', end));
process.on('SIGHUP', () => {});

if (hostIn(entries) !== host) {
  await journal
    .append({ kind: 'host', id: host })
    .catch((error: unknown) => complain('cannot record the id of this host', error));
}
await containers.recover(found);
kept.releaseLeft();
await requests.recover(entries);
// Of no more use, and long where there are many containers.
entries.length = 0;
found.pasts.length = 0;
// Now it is known which ranges are whose.
users.refill();

const pidFile = join(state.run, 'supervisor.pid');
for (const path of [state.supervisorSocket, state.attachSocket, pidFile]) clearPath(path);
process.umask(0o177);
for (const one of [server, attachServer]) {
  one.on('error', (error) => {
    // At the start there is no supervisor without its sockets. Later, one connection could not be accepted (EMFILE).
    if (!one.listening) throw error;
    logFault("a socket of the supervisor's", error);
  });
}
attachServer.listen(state.attachSocket, () => attachments.listens());
server.listen(state.supervisorSocket, () => {
  clearInterval(untilListening);
  surviveUncaught(() => process.exit(1));
  process.umask(0o022);
  writePid();
  process.stderr.write(`${new Date().toISOString()} supervisor ${buildVersion()} of ${state.run}, pid ${process.pid}\n`);
  process.send?.({ ready: true });
  // Otherwise only an orderly end would write it, and a supervisor's comes after months.
  flushCompileCache();
});

/** For people. Where the disk takes no write, there is none. */
function writePid(): void {
  try {
    withRoom(reserve, () => writeInPlace(pidFile, `${process.pid}`.padEnd(PID_BYTES)));
  } catch (error) {
    complain(`cannot write ${pidFile}`, error);
  }
}

function openJournal(path: string): OpenedJournal {
  try {
    return Journal.open(path, () => reserve.makeRoom());
  } catch (error) {
    if (!(error instanceof PlimsollError)) throw error;
    process.stderr.write(`${error.message}. ${error.hint}\n`);
    process.exit(1);
  }
}
