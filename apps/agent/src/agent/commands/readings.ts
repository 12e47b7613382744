import type { CgroupLayout } from '@plimsoll/core';
import { processesOf } from '../kernel/container-processes.ts';
import type { Registry } from '../registry.ts';
import type { Handlers } from './dispatcher.ts';

export type ReadingHandlers = Pick<Handlers, 'container.top'>;

interface Parts {
  registry: Registry;
  layout: CgroupLayout;
}

/** What containers are doing now: read, and nothing changed. */
export function readingHandlers({ registry, layout }: Parts): ReadingHandlers {
  return {
    'container.top': ({ container }) => processesOf(layout, registry.resolve(container)),
  };
}
