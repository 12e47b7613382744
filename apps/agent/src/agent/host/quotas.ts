import type { HostFeature } from '@plimsoll/protocol';
import { sizeInWords } from '@plimsoll/protocol/quantities';
import { feature } from './feature.ts';

/** `missing`: why no layer can be limited. `storageBytes`: what new layers may take, by the settings. */
export function reportQuotas(missing: string | null, storageBytes: number | null): HostFeature {
  const isUnenforced = missing !== null && storageBytes !== null;
  const unenforced = isUnenforced ? `; PLIMSOLL_STORAGE_SIZE (${sizeInWords(storageBytes)}) is not enforced` : '';
  const how = 'mount it with the option prjquota, ext4 after `tune2fs -O quota,project`';
  return feature(
    'project quotas',
    'a limit on what a container may write, --storage-opt size=1g, and its exact size',
    missing === null ? null : `${missing}: ${how}${unenforced}`,
    storageBytes === null ? '' : `new containers get ${sizeInWords(storageBytes)} unless they say otherwise`,
  );
}
