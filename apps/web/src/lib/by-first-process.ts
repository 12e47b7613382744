import type { HostNamespace } from '@plimsoll/protocol';

interface OfProcess {
  first: HostNamespace['first'];
  /** The names of the containers that have a process in one of them; none: they were made on the host. */
  madeIn: string[];
  namespaces: HostNamespace[];
}

/** Namespaces that have the same first process, together: mostly one unshare(2) has made them. */
export function byFirstProcess(namespaces: readonly HostNamespace[]): OfProcess[] {
  return [...Map.groupBy(namespaces, ({ first }) => first.pid)]
    .toSorted(([a], [b]) => a - b)
    .flatMap(([, [first, ...more]]) => {
      if (first === undefined) return [];
      const own = [first, ...more];
      const madeIn = new Set(own.flatMap(({ containers }) => containers.map(({ name }) => name)));
      return [{ first: first.first, madeIn: [...madeIn], namespaces: own }];
    });
}
