import type { Containers } from './containers.ts';
import type { SupervisorArgs, SupervisorResult, SupervisorVerb } from './protocol.ts';

type Handler<V extends SupervisorVerb> = (args: SupervisorArgs<V>) => Promise<SupervisorResult<V>>;

/** What each verb does. `subscribe` and `shutdown` are the connection's and the process's own. */
export function verbHandlers(containers: Containers): { [V in Exclude<SupervisorVerb, 'subscribe' | 'shutdown'>]: Handler<V> } {
  return {
    create: async ({ definition }) => {
      const { container, durable } = containers.create(definition);
      await durable;
      return container.record;
    },
    start: async ({ id }) => {
      const container = containers.get(id);
      await container.start();
      return container.record;
    },
    run: async ({ definition }) => (await containers.run(definition)).record,
    freeze: async ({ id }) => {
      const container = containers.get(id);
      await container.freeze();
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
    kill: async ({ id }) => {
      const container = containers.get(id);
      await container.kill();
      return container.record;
    },
    wait: async ({ id }) => {
      const container = containers.get(id);
      await container.ended();
      return container.record;
    },
    remove: async ({ id, force }) => {
      await containers.remove(id, force);
      return {};
    },
    birth: async ({ id }) => containers.get(id).birth(),
  };
}
