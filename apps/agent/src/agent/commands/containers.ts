import { whyNoProjectQuotas } from '@plimsoll/core';
import {
  COMMANDS,
  DEFAULT_PIDS,
  PlimsollError,
  type ContainerView,
  type CreateContainer,
  type NewLimits,
  type RunContainer,
  type Verb,
} from '@plimsoll/protocol';
import { requireRoom } from '../../disk-failure.ts';
import type { ContainerRecord } from '../../supervisor/protocol.ts';
import type { VolumeStore } from '../../volumes/volume-store.ts';
import type { Caller } from '../access/gatekeeper.ts';
import { log } from '../log.ts';
import { type Registry, toView, volumesOf } from '../registry.ts';
import type { SupervisorLink } from '../supervisor-link.ts';
import { define, type ResolvedImage } from './definition.ts';
import { resolveDisks } from './disks.ts';
import type { Handlers } from './dispatcher.ts';
import { generateName } from './generated-name.ts';
import type { ReadingHandlers } from './readings.ts';
import { checkBinds } from './binds.ts';

interface Parts {
  registry: Registry;
  supervisor: SupervisorLink;
  images: { resolve(name: string): ResolvedImage | Promise<ResolvedImage> };
  volumes: VolumeStore;
  cgroupRoot: string;
  containersDirectory: string;
  /** Of new layers where the request has no limit and the file system enforces one. Null: none. */
  storageBytes: number | null;
  /** Whether this host can limit how many processes a container has. */
  limitsPids: boolean;
}

type ContainerHandlers = Pick<
  Handlers,
  Exclude<Extract<Verb, `container.${string}`>, 'container.isolation' | keyof ReadingHandlers>
>;

/** Every change is the supervisor's, which tells of it (and so the registry) before it answers. */
export function containerHandlers(parts: Parts): ContainerHandlers {
  const { registry, supervisor, images, volumes, cgroupRoot } = parts;
  /** As the answer tells of it, though it may have changed once more since; row 0 where it is already removed (autoRemove). */
  const seen = (record: ContainerRecord): ContainerView => toView(record, registry.get(record.id)?.handle ?? 0);

  const find = (ref: string): ContainerView => registry.resolve(ref);

  const make = async (
    verb: 'create' | 'run',
    request: CreateContainer & Partial<Pick<RunContainer, 'attended'>>,
    caller: Caller,
  ): Promise<ContainerView> => {
    requireRoom();
    await checkBinds(request.mounts, caller);
    const name = request.name ?? generateName((taken) => registry.isNameTaken(taken));
    using _ = registry.reserve(name, request.image, volumesOf(request.mounts));
    const image = await images.resolve(request.image);
    const surroundings = { cgroupRoot, volumePath: (volume: string) => volumes.pathOf(volume), caller, find };
    const limits = withDefaults(resolveDisks(request.limits, caller), parts);
    const { definition, note } = define({ ...request, limits }, name, image, surroundings);
    for (const mount of request.mounts) {
      if (mount.kind === 'volume') await volumes.use(mount.volume, { layers: image.layers, destination: mount.destination });
    }
    const view = seen(await supervisor.request(verb, { definition }, COMMANDS[`container.${verb}`].deadlineMs, caller.request));
    if (note === null) return view;
    log('info', 'a container was created with a note', { container: view.id, name: view.name, note });
    return { ...view, note };
  };

  const act = async (
    verb: 'start' | 'freeze' | 'thaw',
    { container }: { container: string },
    { request }: Caller,
  ): Promise<ContainerView> => {
    const { id } = registry.resolve(container);
    return seen(await supervisor.request(verb, { id }, COMMANDS[`container.${verb}`].deadlineMs, request));
  };

  return {
    'container.create': (request, caller) => make('create', request, caller),
    'container.run': (request, caller) => make('run', request, caller),
    'container.start': (args, caller) => act('start', args, caller),
    'container.freeze': (args, caller) => act('freeze', args, caller),
    'container.thaw': (args, caller) => act('thaw', args, caller),
    'container.kill': async ({ container, signal }, { request }) => {
      const { id } = registry.resolve(container);
      const { deadlineMs } = COMMANDS['container.kill'];
      if (signal === 'SIGKILL') return seen(await supervisor.request('kill', { id }, deadlineMs, request));
      return seen(await supervisor.request('signal', { id, signal }, deadlineMs, request));
    },
    'container.update': async ({ container, limits }, caller) => {
      const { id } = registry.resolve(container);
      const args = { id, limits: resolveDisks(limits, caller) };
      const { deadlineMs } = COMMANDS['container.update'];
      const { record, kernel } = await supervisor.request('update', args, deadlineMs, caller.request);
      return { container: seen(record), kernel };
    },
    'container.stop': async ({ container, graceMs }, { request }) => {
      const { id } = registry.resolve(container);
      return seen(await supervisor.request('stop', { id, graceMs }, COMMANDS['container.stop'].deadlineMs, request));
    },
    'container.restart': async ({ container, graceMs }, { request }) => {
      const { id } = registry.resolve(container);
      return seen(await supervisor.request('restart', { id, graceMs }, COMMANDS['container.restart'].deadlineMs, request));
    },
    'container.rename': async ({ container, name }, { request }) => {
      const { id, image } = registry.resolve(container);
      using _ = registry.reserve(name, image);
      return seen(await supervisor.request('rename', { id, name }, COMMANDS['container.rename'].deadlineMs, request));
    },
    'container.remove': async ({ container, force }, { request }) => {
      const { id } = registry.resolve(container);
      return await supervisor.request('remove', { id, force }, COMMANDS['container.remove'].deadlineMs, request);
    },
    'container.list': () => {
      if (!registry.complete) throw new PlimsollError('unavailable', 'the supervisor is not there');
      return registry.containers;
    },
    'container.inspect': ({ container }) => registry.resolve(container),
    'container.birth': async ({ container }, { request }) =>
      await supervisor.request('birth', { id: registry.resolve(container).id }, COMMANDS['container.birth'].deadlineMs, request),
  };
}

function withDefaults(limits: NewLimits, parts: Parts): NewLimits {
  const pids = limits.pids === undefined && parts.limitsPids ? { pids: DEFAULT_PIDS } : {};
  return { ...withDefaultStorage(limits, parts), ...pids };
}

/** A default that nobody would enforce is no limit: the host's report says so. */
function withDefaultStorage(limits: NewLimits, { storageBytes, containersDirectory }: Parts): NewLimits {
  if (storageBytes === null || limits.storageBytes !== undefined) return limits;
  return whyNoProjectQuotas(containersDirectory) === null ? { ...limits, storageBytes } : limits;
}
