import { COMMANDS, type Verb } from '@plimsoll/protocol';
import { requireRoom } from '../../disk-failure.ts';
import type { ImageRecord } from '../../images/image-record.ts';
import type { ImageStore } from '../../images/image-store.ts';
import type { Registry } from '../registry.ts';
import type { Handlers } from './dispatcher.ts';

type ImageHandlers = Pick<Handlers, Extract<Verb, `image.${string}`>>;

export function imageHandlers(images: ImageStore, registry: Registry): ImageHandlers {
  const view = (image: ImageRecord) => ({ ...image, usedBy: registry.usersOf(image.name) });
  return {
    'image.list': () => images.list().map(view),
    'image.import': async ({ name, source }, { gone }) => {
      requireRoom();
      const deadline = AbortSignal.timeout(COMMANDS['image.import'].deadlineMs);
      const signal = gone === undefined ? deadline : AbortSignal.any([deadline, gone]);
      return view(await images.importFrom(name, source, signal));
    },
    'image.remove': async ({ name }) => {
      await images.remove(name, registry.usersOf(name));
      return {};
    },
  };
}
