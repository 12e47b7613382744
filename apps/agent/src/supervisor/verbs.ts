import { requireRoom } from '../disk-failure.ts';
import type { Containers } from './containers.ts';
import type { LedgerRecords } from './ledger-records.ts';
import type { Foreign } from './foreign.ts';
import type { Requests } from './requests.ts';
import type { SupervisorArgs, SupervisorResult, SupervisorVerb } from './protocol.ts';

type Handler<V extends SupervisorVerb> = (args: SupervisorArgs<V>) => Promise<SupervisorResult<V>>;

export interface VerbParts {
  containers: Containers;
  foreign: Foreign;
  ledger: LedgerRecords;
  requests: Requests;
}

/** What each verb does. `subscribe` and `shutdown` are the connection's and the process's own. */
export function verbHandlers({ containers, foreign, ledger, requests }: VerbParts): {
  [V in Exclude<SupervisorVerb, 'subscribe' | 'shutdown'>]: Handler<V>;
} {
  return {
    create: async ({ definition }) => {
      requireRoom();
      return (await containers.create(definition)).record;
    },
    start: async ({ id }) => {
      const container = containers.get(id);
      await container.start();
      return container.record;
    },
    run: async ({ definition }) => {
      requireRoom();
      return (await containers.run(definition)).record;
    },
    freeze: async ({ id, because }) => {
      const container = containers.get(id);
      await container.freeze(because);
      return container.record;
    },
    thaw: async ({ id }) => {
      const container = containers.get(id);
      await container.thaw();
      return container.record;
    },
    stop: async ({ id, graceMs }) => {
      const container = containers.get(id);
      await container.stop(graceMs);
      return container.record;
    },
    restart: async ({ id, graceMs }) => {
      const container = containers.get(id);
      await container.restart(graceMs);
      return container.record;
    },
    kill: async ({ id }) => {
      const container = containers.get(id);
      await container.kill();
      return container.record;
    },
    signal: async ({ id, signal }) => {
      const container = containers.get(id);
      await container.signal(signal);
      return container.record;
    },
    wait: async ({ id }) => {
      const container = containers.get(id);
      await container.ended();
      return container.record;
    },
    rename: async ({ id, name }) => (await containers.rename(id, name)).record,
    remove: async ({ id, force }) => {
      await containers.remove(id, force);
      return {};
    },
    update: async ({ id, limits }) => {
      requireRoom();
      const container = containers.get(id);
      const kernel = await container.update(limits);
      return { record: container.record, kernel };
    },
    createGroup: async (request) => {
      requireRoom();
      return await containers.groups.create(request);
    },
    setGroup: async (change) => {
      requireRoom();
      return await containers.groups.set(change);
    },
    freezeGroup: async ({ group }) => await containers.groups.freeze(group),
    thawGroup: async ({ group }) => await containers.groups.thaw(group),
    killGroup: async ({ group }) => await containers.groups.kill(group),
    removeGroup: async ({ group, force }) => {
      await containers.groups.remove(group, force);
      return {};
    },
    ledgerRecords: async ({ after, most }) => ledger.after(after, most),
    pastRecords: async ({ after, most }) => await ledger.pastAfter(after, most),
    acknowledge: async ({ seqs }) => {
      await ledger.acknowledge(seqs);
      return {};
    },
    foreignFreeze: async (args) => {
      await foreign.freeze(args);
      return {};
    },
    foreignThaw: async (args) => {
      await foreign.thaw(args);
      return {};
    },
    foreignKill: async (args) => {
      await foreign.kill(args);
      return {};
    },
    abilities: async () => ({
      noIdMaps: await containers.whyNoIdMaps(),
      noProjectQuotas: containers.whyNoProjectQuotas,
    }),
    outcome: async ({ request }) => (await requests.outcome(request)) ?? null,
    birth: async ({ id }) => containers.get(id).birth(),
  };
}
