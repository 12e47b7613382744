import type { CgroupLayout } from '@plimsoll/core';
import { PlimsollError, type ContainerView } from '@plimsoll/protocol';
import { containerIsolation } from '../isolation/container-isolation.ts';
import { hostNamespaces } from '../isolation/host-namespaces.ts';
import type { Registry } from '../registry.ts';
import type { Handlers } from './dispatcher.ts';

/** What /proc tells of namespaces and of what else isolates: read, and nothing changed. */
export function isolationHandlers(
  registry: Registry,
  layout: CgroupLayout,
): Pick<Handlers, 'container.isolation' | 'kernel.namespaces'> {
  const alive = (): ContainerView[] => {
    if (!registry.complete) throw new PlimsollError('unavailable', 'the supervisor is not there');
    return registry.containers.filter(({ state }) => 'pid' in state);
  };
  return {
    'container.isolation': ({ container }) => containerIsolation(layout, registry.resolve(container), alive()),
    'kernel.namespaces': () => hostNamespaces(layout, alive()),
  };
}
