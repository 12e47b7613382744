import type { OciIdMapping } from '../oci/config.ts';

/** Which id of the host is the container's 0. */
export function rootOutside(mappings: readonly OciIdMapping[] | undefined): number {
  return mappings?.find(({ containerID }) => containerID === 0)?.hostID ?? 0;
}
