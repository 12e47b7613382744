import { z } from 'zod';
import { Instant } from './container-state.ts';
import { ContainerId } from './names.ts';
import { sizeInWords } from './quantities/index.ts';

/** `low`: little is left; `full`: almost nothing. */
export const DiskLevel = z.enum(['ok', 'low', 'full']);
export type DiskLevel = z.infer<typeof DiskLevel>;

/** A container whose layer or log grows on a file system. */
export const DiskWriter = z.object({ id: ContainerId, name: z.string(), bytesPerS: z.number() });
export type DiskWriter = z.infer<typeof DiskWriter>;

/** A file system that Plimsoll writes to, as statvfs(3) and df(1) count it. */
export const DiskReport = z.object({
  /** Its mount point. */
  path: z.string(),
  /** `ext4`, `xfs`, `btrfs`. */
  type: z.string(),
  /** Which of Plimsoll's directories lie on it: `lib`, `run`, `images`, `volumes`. */
  holds: z.array(z.string()),
  usedBytes: z.int(),
  /** Used and free for anyone: without what is reserved for root. */
  totalBytes: z.int(),
  /** Inodes, where the file system has a fixed number of them: 0 to 1. */
  inodeShare: z.number().nullable(),
  level: DiskLevel,
  /** Since when the level is what it is. */
  since: Instant,
  /** Those that grew the most over the last seconds; looked for while little is left. */
  writers: z.array(DiskWriter),
});
export type DiskReport = z.infer<typeof DiskReport>;

type DiskUse = Pick<DiskReport, 'usedBytes' | 'totalBytes' | 'inodeShare'> & {
  writers: readonly Pick<DiskWriter, 'name' | 'bytesPerS'>[];
};

/** `1.8 GiB of 2 GiB used; growing: web 12 MiB/s, db 1 MiB/s`; with the share of inodes where those are nearer to their end. */
export function diskUseInWords({ usedBytes, totalBytes, inodeShare, writers }: DiskUse): string {
  const space = `${sizeInWords(usedBytes)} of ${sizeInWords(totalBytes)} used`;
  const areInodesShort = inodeShare !== null && inodeShare * totalBytes > usedBytes;
  const used = areInodesShort ? `${space}, ${Math.floor(100 * inodeShare)} % of inodes` : space;
  if (writers.length === 0) return used;
  return `${used}; growing: ${writers.map(({ name, bytesPerS }) => `${name} ${sizeInWords(bytesPerS)}/s`).join(', ')}`;
}
