import { setTimeout as delay } from 'node:timers/promises';
import { PlimsollError, type Verb, type VolumeView } from '@plimsoll/protocol';
import { requireRoom } from '../../disk-failure.ts';
import type { VolumeRecord } from '../../volumes/volume-record.ts';
import type { VolumeStore } from '../../volumes/volume-store.ts';
import type { Registry } from '../registry.ts';
import type { VolumeSizes } from '../sampling/volume-sizes.ts';
import type { SupervisorLink } from '../supervisor-link.ts';
import type { Handlers } from './dispatcher.ts';

interface Parts {
  volumes: VolumeStore;
  sizes: VolumeSizes;
  registry: Registry;
  supervisor: SupervisorLink;
}

type VolumeHandlers = Pick<Handlers, Extract<Verb, `volume.${string}`>>;

/** How long a list waits for the sizes of small volumes, so that it has them the first time. */
const SIZES_WITHIN_MS = 200;

export function volumeHandlers({ volumes, sizes, registry, supervisor }: Parts): VolumeHandlers {
  const view = (volume: VolumeRecord): VolumeView => ({
    ...volume,
    sizeBytes: sizes.of(volumes.pathOf(volume.name)),
    usedBy: registry.usersOfVolume(volume.name),
  });
  /** Without the supervisor nobody knows who uses a volume: a container may have been made just before it went away. */
  const requireSupervisor = (): void => {
    if (!supervisor.connected) throw new PlimsollError('unavailable', 'the supervisor is not there');
  };
  return {
    'volume.list': async () => {
      if (!registry.complete) throw new PlimsollError('unavailable', 'the supervisor is not there');
      for (const { name } of volumes.list()) sizes.want(volumes.pathOf(name));
      await Promise.race([sizes.settled(), delay(SIZES_WITHIN_MS, undefined, { ref: false })]);
      return volumes.list().map(view);
    },
    'volume.create': async ({ name, labels }) => {
      requireRoom();
      return view(await volumes.create(name, labels));
    },
    'volume.remove': async ({ name }) => {
      await volumes.remove(name, () => {
        requireSupervisor();
        return registry.usersOfVolume(name);
      });
      sizes.forget(volumes.pathOf(name));
      return {};
    },
  };
}
