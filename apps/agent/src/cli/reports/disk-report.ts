import { diskUseInWords, type DiskReport } from '@plimsoll/protocol';

const LEVELS: Readonly<Record<DiskReport['level'], string>> = { ok: '', low: 'nearly full: ', full: 'full: ' };

/** A row of a sheet: `disk`, `nearly full: /var (ext4, lib and images): 18 GiB of 20 GiB used; growing: web 12 MiB/s`. */
export function describeDisk(disk: DiskReport): [string, string] {
  const { path, type, holds, level } = disk;
  return ['disk', `${LEVELS[level]}${path} (${type}, ${holds.join(', ')}): ${diskUseInWords(disk)}`];
}
