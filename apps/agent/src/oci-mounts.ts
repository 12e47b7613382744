import type { OciMount } from '@plimsoll/core';
import type { ContainerMount } from '@plimsoll/protocol';

/**
 * A person's mounts as the runtime-spec has them. A volume is the container's own in
 * every respect and always shows its files by the ids inside; a bind does so where its file system can, unless it is stated. Neither makes anybody root by a
 * setuid file, nor opens a device of the host.
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
        ...idMapOf(own ? true : mount.idmap),
      ],
    };
  });
}

function idMapOf(idmap: boolean | undefined): string[] {
  if (idmap === undefined) return ['idmap=auto'];
  return idmap ? ['idmap'] : [];
}

/** Each after those that it lies within. */
export function outerFirst(mounts: readonly OciMount[]): OciMount[] {
  return mounts.toSorted((a, b) => depthOf(a) - depthOf(b));
}

function depthOf({ destination }: OciMount): number {
  return destination.split('/').length;
}
