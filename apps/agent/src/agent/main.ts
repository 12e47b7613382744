import { mkdir } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { CgroupSampler, discoverCgroupLayout } from '@plimsoll/core';
import { PlimsollError } from '@plimsoll/protocol';
import { ImageStore } from '../images/image-store.ts';
import { Gatekeeper } from './access/gatekeeper.ts';
import { readOrMakeLocalToken } from './access/local-token.ts';
import { Sessions } from './access/sessions.ts';
import { containerHandlers } from './commands/containers.ts';
import { Dispatcher } from './commands/dispatcher.ts';
import { hostHandlers } from './commands/host.ts';
import { imageHandlers } from './commands/images.ts';
import { sessionHandlers } from './commands/sessions.ts';
import { readConfiguration } from './configuration.ts';
import { log } from './log.ts';
import { Registry } from './registry.ts';
import { sampleWhatRuns } from './sampling/sample-what-runs.ts';
import { Sampler } from './sampling/sampler.ts';
import { httpApi, notReady } from './server/http-api.ts';
import { listen } from './server/listen.ts';
import { LiveServer } from './server/live.ts';
import { SupervisorLink } from './supervisor-link.ts';
import { VERSION } from './version.ts';

async function main(): Promise<void> {
  const { state, sampleMs, webUid } = readConfiguration();
  await using owned = new AsyncDisposableStack();
  const ending = Promise.withResolvers<string>();
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => ending.resolve(signal));

  await mkdir(state.run, { recursive: true, mode: 0o755 });
  await mkdir(state.lib, { recursive: true, mode: 0o755 });
  let answer = notReady;
  const http = createServer((request, response) => answer(request, response));
  await listen(http, state.agentSocket, webUid);

  const layout = discoverCgroupLayout();
  const images = await ImageStore.open(state.lib);
  const sessions = owned.use(await Sessions.open(join(state.lib, 'sessions.json')));
  const gatekeeper = new Gatekeeper(sessions, await readOrMakeLocalToken(state.localToken));
  const registry = new Registry(state.cgroup);
  const sampler = owned.use(new Sampler(() => new CgroupSampler(layout), sampleMs));
  sampleWhatRuns(registry, sampler);

  const supervisor = owned.use(new SupervisorLink(state.supervisorSocket));
  let supervisorPid = 0;
  supervisor.on('connected', ({ pid, version, records }) => {
    supervisorPid = pid;
    registry.replace(records);
    log('info', 'the supervisor is there', { pid, version, containers: records.length });
  });
  supervisor.on('disconnected', (reason) => log('warn', 'the supervisor is gone; containers go on', { reason }));
  supervisor.on('container', (record) => registry.update(record));
  supervisor.on('removed', (id) => registry.remove(id));

  const facts = () => ({ version: VERSION, supervisorPid, stateRoot: join(state.lib, '..'), cgroupRoot: state.cgroup, layout });
  const dispatcher = new Dispatcher(
    {
      ...containerHandlers({ registry, supervisor, images, cgroupRoot: state.cgroup }),
      ...imageHandlers(images, registry),
      ...hostHandlers(supervisor, facts, () => setImmediate(() => ending.resolve('shutdown'))),
      ...sessionHandlers(sessions),
    },
    gatekeeper,
  );
  const health = () => ({ pid: process.pid, version: VERSION, supervisor: supervisor.connected });
  answer = httpApi({ dispatcher, gatekeeper, sessions, health });
  owned.use(
    new LiveServer(http, {
      dispatcher,
      registry,
      sampler,
      gatekeeper,
      sessions,
      containersDirectory: join(state.lib, 'containers'),
      version: VERSION,
      intervalMs: sampleMs,
    }),
  );

  supervisor.open();
  const ready = Promise.all([
    images.ensureBase(),
    registry.complete || new Promise((resolve) => supervisor.once('connected', resolve)),
  ]);
  void ready.then(() => {
    log('info', 'the agent is ready', { socket: state.agentSocket, version: VERSION });
    process.send?.({ ready: true });
  }, ending.reject);
  log('info', 'the agent ends; containers go on', { reason: await ending.promise });
}

/** An unknown state is worse than a restart: nothing but the mirror of the supervisor's state is lost by one. */
function crash(error: unknown): never {
  if (error instanceof PlimsollError) log('error', error.message, { hint: error.hint });
  else log('error', 'the agent ends by an error; containers go on', { error });
  process.exit(1);
}

process.on('uncaughtException', crash);
await main().catch(crash);
process.exit(0);
