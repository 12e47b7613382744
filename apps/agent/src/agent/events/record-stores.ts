import type { ImageStore } from '../../images/image-store.ts';
import type { VolumeStore } from '../../volumes/volume-store.ts';
import type { EventLog } from './event-log.ts';
import { newEvent } from './new-event.ts';

/** Images and volumes that come and go; a volume is made by its first use, too. */
export function recordImages(events: EventLog, images: ImageStore): void {
  images.on('imported', ({ name, digest, source, sizeBytes }) => {
    const detail = { digest, source, sizeBytes };
    events.record([newEvent({ kind: 'image.imported', subject: 'image', id: name, name, detail })]);
  });
  images.on('removed', (name) => events.record([newEvent({ kind: 'image.removed', subject: 'image', id: name, name })]));
}

export function recordVolumes(events: EventLog, volumes: VolumeStore): void {
  volumes.on('created', ({ name }) => events.record([newEvent({ kind: 'volume.created', subject: 'volume', id: name, name })]));
  volumes.on('removed', (name) => events.record([newEvent({ kind: 'volume.removed', subject: 'volume', id: name, name })]));
}
