import type { OciMount } from '@plimsoll/core';
import type { ContainerMount } from '@plimsoll/protocol';

/**
 * The mounts of a request in the form of the runtime-spec. A volume is mounted privately and shows its files by the ids
 * inside; propagation and mapping of a bind are those of the request. Both are mounted with nosuid and nodev.
 */
export function ociMounts(mounts: readonly ContainerMount[], volumePath: (volume: string) => string): OciMount[] {
  return mounts.map((mount): OciMount => {
    const own = mount.kind === 'volume';
    return {
      destination: mount.destination,
      type: 'bind',
      source: own ? volumePath(mount.volume) : mount.source,
      options: [
        'rbind',
        mount.readOnly ? 'ro' : 'rw',
        'nosuid',
        'nodev',
        `r${own ? 'private' : mount.propagation}`,
        ...(own || mount.idmap ? ['idmap'] : []),
      ],
    };
  });
}

/** Each after those that it lies within. */
export function outerFirst(mounts: readonly OciMount[]): OciMount[] {
  return mounts.toSorted((a, b) => depthOf(a) - depthOf(b));
}

function depthOf({ destination }: OciMount): number {
  return destination.split('/').length;
}
