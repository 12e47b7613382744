import { join } from 'node:path';
import type { CgroupLayout } from '@plimsoll/core';
import { Deletions } from '../deletion/deletions.ts';
import { openHostId } from '../host-id.ts';
import { ImageStore } from '../images/image-store.ts';
import { hostIdInDatabases } from '../stores/host-id-in-databases.ts';
import { VolumeStore } from '../volumes/volume-store.ts';
import { Gatekeeper } from './access/gatekeeper.ts';
import { readOrMakeLocalToken } from './access/local-token.ts';
import { Sessions } from './access/sessions.ts';
import { Charts } from './charts/charts.ts';
import { chartHandlers } from './commands/charts.ts';
import { startAlerting, type Alerting } from './alerts/alerting.ts';
import { alertHandlers } from './commands/alerts.ts';
import { containerHandlers } from './commands/containers.ts';
import { eventHandlers } from './commands/events.ts';
import { Dispatcher } from './commands/dispatcher.ts';
import { EarlierAnswers } from './commands/earlier-answer.ts';
import { groupHandlers } from './commands/groups.ts';
import { hostHandlers } from './commands/host.ts';
import { imageHandlers } from './commands/images.ts';
import { isolationHandlers } from './commands/isolation.ts';
import { kernelHandlers } from './commands/kernel.ts';
import { readingHandlers } from './commands/readings.ts';
import { sessionHandlers } from './commands/sessions.ts';
import { usageHandlers } from './commands/usage.ts';
import { volumeHandlers } from './commands/volumes.ts';
import { alertOfDisks, levelBefore } from './disks/disk-alerts.ts';
import { DiskWatch } from './disks/disk-watch.ts';
import { freezeWriters } from './disks/freeze-writer.ts';
import { Growth } from './disks/growth.ts';
import type { AgentConfiguration } from './configuration.ts';
import { Endings } from './endings.ts';
import { EventLog } from './events/event-log.ts';
import { recordAgent, recordHost } from './events/record-agent.ts';
import { recordClock } from './clock/record-clock.ts';
import { recordCommands } from './events/record-commands.ts';
import { recordLifecycle } from './events/record-lifecycle.ts';
import { SessionRecorder } from './events/record-sessions.ts';
import { recordImages, recordVolumes } from './events/record-stores.ts';
import { Incidents } from './incidents.ts';
import { log } from './log.ts';
import { ContainerLogs } from './logs/container-logs.ts';
import { guardsNow } from './kernel/guards.ts';
import { HostCgroups } from './kernel/host-cgroups.ts';
import { KernelWatch } from './kernel/kernel-watch.ts';
import { listenForScrapes } from './metrics/listener.ts';
import { Metrics } from './metrics/metrics.ts';
import { Metering } from './metering/metering.ts';
import { Registry } from './registry.ts';
import { sampleWhatRuns } from './sampling/sample-what-runs.ts';
import { type CgroupReader, Sampler } from './sampling/sampler.ts';
import { VolumeSizes } from './sampling/volume-sizes.ts';
import { Endpoints } from './server/endpoints.ts';
import { httpApi } from './server/http-api.ts';
import { LiveServer } from './server/live.ts';
import { LogStreams } from './server/log-streams.ts';
import { findLost } from './stores/made-stores.ts';
import { StoreWarnings } from './stores/store-warnings.ts';
import { SupervisorLink } from './supervisor-link.ts';
import { makeStateDirectories } from '../stores/state-directories.ts';
import { VERSION } from '../version.ts';

/** The kernel, as far as the agent looks at it. */
export interface Cgroups {
  layout: CgroupLayout;
  /** Of this Plimsoll's own, which are in every hierarchy, or of any. */
  newReader: (cgroups: 'own' | 'any') => CgroupReader;
}

/** An agent that listens. Disposing of it ends it cleanly; containers are not concerned. */
export interface Agent extends AsyncDisposable {
  /** Settles once it has heard the supervisor. */
  ready: Promise<unknown>;
  /** Settles when everything was shut down by command, and this agent is to end as well. */
  shutDown: Promise<void>;
}

/** Puts an agent together from its parts. Throws `conflict` where this state root has a living one. */
export async function startAgent(configuration: AgentConfiguration, { layout, newReader }: Cgroups): Promise<Agent> {
  const { state, sampleMs, webUid, metricsAddress, retention, chartRetention, eventRetention, webhooks } = configuration;
  await using parts = new AsyncDisposableStack();
  makeStateDirectories(state);
  // First of all: the socket is the lock on everything that this opens.
  const endpoints = parts.use(await Endpoints.open(state, webUid));

  const host = openHostId(state.lib, [() => hostIdInDatabases(state.lib)]);
  const events = parts.use(await EventLog.open(join(state.lib, 'events.db'), eventRetention, host));
  const agentWasHere = events.known('agent') !== undefined;
  parts.use(recordAgent(events));
  recordHost(events, host);
  const clock = recordClock(events);
  clock.on('jumped', ({ byMs }) => log('warn', 'the clock of the host was set', { byMs }));
  const deletions = parts.use(new Deletions());
  const images = await ImageStore.open(state.lib, deletions);
  recordImages(events, images);
  // Half a second, once in a host's life; until then nobody could run anything.
  await images.ensureBase();
  const volumes = await VolumeStore.open(state.lib, deletions);
  recordVolumes(events, volumes);
  const sessions = parts.use(await Sessions.open(join(state.lib, 'sessions.json')));
  const gatekeeper = new Gatekeeper(sessions, await readOrMakeLocalToken(state.localToken));
  const registry = new Registry();
  const sampler = parts.use(new Sampler(() => newReader('own'), sampleMs));
  const containersDirectory = join(state.lib, 'containers');
  // Before anything that labels a reading.
  sampler.on('tick', () => clock.look());
  sampleWhatRuns(registry, sampler, containersDirectory);

  const incidents = new Incidents();
  const supervisor = parts.use(new SupervisorLink(state.supervisorSocket));
  const metering = parts.use(
    new Metering({ lib: state.lib, host, registry, sampler, supervisor, layout, clock, sampleMs, retention }),
  );
  const charts = parts.use(new Charts({ lib: state.lib, registry, sampler, clock, retention: chartRetention }));
  const alerting = parts.use(await startAlerting({ lib: state.lib, events, registry, sampler, sampleMs, allowance: webhooks }));
  const disks = parts.use(
    new DiskWatch({
      directories: { lib: state.lib, run: state.run, images: join(state.lib, 'images'), volumes: join(state.lib, 'volumes') },
      growth: new Growth(registry, containersDirectory),
      lowShare: configuration.diskLowShare,
      freezeShare: configuration.diskFreezeShare,
      levelBefore: (path) => levelBefore(alerting.alerts, path),
    }),
  );
  alertOfDisks(disks, alerting.alerts, events);
  freezeWriters(disks, supervisor);
  const warnings = new StoreWarnings(events, state);
  await warnOfLost({ lib: state.lib, agentWasHere, warnings, events, metering, charts, alerting, images });
  for (const { thread } of [events, charts]) thread.onSetAside(() => warnings.look());
  metering.ledger.onSetAside(() => {
    warnings.look();
    metering.rebuilt();
  });
  parts.use(recordLifecycle(events, { registry, incidents, supervisor }));
  let supervisorPid = 0;
  supervisor.on('connected', ({ pid, version, groups, records, incidents: remembered, warnings: found }) => {
    warnings.ofSupervisor(found);
    supervisorPid = pid;
    registry.replace({ groups, records });
    incidents.catchUp(remembered);
    log('info', 'the supervisor is there', { pid, version, containers: records.length });
  });
  supervisor.on('disconnected', (reason) => log('warn', 'the supervisor is gone; containers go on', { reason }));
  supervisor.on('unreachable', (reason) => log('warn', 'cannot connect to the supervisor, and tries again', { reason }));
  supervisor.on('container', (record) => registry.update(record));
  supervisor.on('removed', (id) => registry.remove(id));
  supervisor.on('group', (group) => registry.updateGroup(group));
  supervisor.on('group-removed', (path) => registry.removeGroup(path));
  supervisor.on('incident', (incident) => incidents.add(incident));

  const shutDown = Promise.withResolvers<void>();
  const facts = async () => ({
    ...{ version: VERSION, hostId: host, supervisorPid, stateRoot: state.home, cgroupRoot: state.cgroup, layout },
    storageBytes: configuration.storageBytes,
    disks: await disks.report(),
    storeWarnings: warnings.list,
  });
  const cgroups = new HostCgroups({
    layout,
    ownRoot: state.cgroup,
    guards: (asking) => guardsNow({ supervisorPid: () => supervisorPid, webInfo: state.webInfo }, asking),
  });
  const kernel = parts.use(new KernelWatch(cgroups, () => new Sampler(() => newReader('any'), sampleMs)));
  const dispatcher = new Dispatcher(
    {
      ...containerHandlers({
        ...{ registry, supervisor, images, volumes, containersDirectory },
        cgroupRoot: state.cgroup,
        storageBytes: configuration.storageBytes,
        limitsPids: layout.controllers.has('pids'),
      }),
      ...groupHandlers({ registry, supervisor }),
      ...imageHandlers(images, registry),
      ...volumeHandlers({ volumes, sizes: parts.use(new VolumeSizes()), registry, supervisor }),
      // Not before the answer is out.
      ...hostHandlers(supervisor, facts, () => setImmediate(shutDown.resolve)),
      ...kernelHandlers({ cgroups, watch: kernel, supervisor }),
      ...readingHandlers({ registry, sampler, layout, endings: parts.use(new Endings(registry)), containersDirectory }),
      ...isolationHandlers(registry, layout),
      ...usageHandlers({ ledger: metering.ledger, host, readAll: async () => await metering.readAll() }),
      ...sessionHandlers(sessions),
      ...eventHandlers(events),
      ...chartHandlers({ charts, events, registry }),
      ...alertHandlers(alerting),
    },
    gatekeeper,
    recordCommands(events, registry),
    new EarlierAnswers({ registry, supervisor }),
  );
  const logs = new ContainerLogs(registry, containersDirectory);
  const logStreams = new LogStreams({ registry, logs });
  parts.use(
    new LiveServer(endpoints, {
      dispatcher,
      registry,
      sampler,
      kernel,
      gatekeeper,
      sessions,
      incidents,
      events,
      alerts: alerting.alerts,
      warnings,
      host,
      logs,
      logStreams,
      version: VERSION,
      intervalMs: sampleMs,
    }),
  );
  const health = () => ({ pid: process.pid, version: VERSION, supervisor: supervisor.connected });
  const prometheus = parts.use(
    new Metrics({
      registry,
      newReader: () => newReader('own'),
      version: VERSION,
      host,
      hasSupervisor: () => supervisor.connected,
    }),
  );
  const metrics = () => prometheus.text();
  if (metricsAddress !== null) parts.use(await listenForScrapes(metricsAddress, metrics));
  const recorder = new SessionRecorder(events, sessions);
  endpoints.serve(httpApi({ dispatcher, gatekeeper, sessions, recorder, health, metrics, registry, logStreams }));
  supervisor.open();

  const heard = new Promise((resolve) => supervisor.once('connected', resolve));
  const owned = parts.move();
  return {
    ready: heard,
    shutDown: shutDown.promise,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

interface Opened {
  lib: string;
  agentWasHere: boolean;
  warnings: StoreWarnings;
  events: EventLog;
  metering: Metering;
  charts: Charts;
  alerting: Alerting;
  images: ImageStore;
}

/** Of stores that were there once and are new now. */
async function warnOfLost({ lib, agentWasHere, warnings, events, metering, charts, alerting, images }: Opened): Promise<void> {
  const isNew = async (asked: Promise<boolean>): Promise<{ isNew: boolean }> => ({ isNew: await asked.catch(() => false) });
  const present = new Map([
    ['events.db', await isNew(events.thread.call('isNew'))],
    ['ledger.db', await isNew(metering.ledger.call('isNew'))],
    ['charts.db', await isNew(charts.thread.call('isNew'))],
    ['alerts.db', { isNew: alerting.isNew }],
    ['images/names.json', { isNew: images.lost === 'missing' }],
  ]);
  for (const file of await findLost(lib, present, agentWasHere)) {
    warnings.missing(file);
    if (file === 'ledger.db') await metering.ledger.call('noteMissing', Date.now());
  }
  // The list of what was made may have been damaged itself.
  warnings.look();
}
