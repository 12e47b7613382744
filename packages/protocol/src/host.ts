import { z } from 'zod';
import { DiskReport } from './disk.ts';
import { HostId } from './host-id.ts';
import { StoreWarning } from './store-warning.ts';

/** Something a host may lack: what it gives where it is there, why it is missing where not. */
export const HostFeature = z.object({
  name: z.string(),
  available: z.boolean(),
  gives: z.string(),
  /** Why it is missing, and what would bring it; or a detail such as a mount point. */
  detail: z.string(),
});
export type HostFeature = z.infer<typeof HostFeature>;

export const HostReport = z.object({
  version: z.string(),
  hostId: HostId,
  hostname: z.string(),
  kernel: z.string(),
  arch: z.string(),
  cpus: z.int(),
  memoryBytes: z.int(),
  bootedAt: z.string(),
  agentPid: z.int(),
  supervisorPid: z.int(),
  /** Where all state of this Plimsoll lies, and the name of its cgroup root. */
  stateRoot: z.string(),
  cgroupRoot: z.string(),
  cgroupLayout: z.enum(['v2', 'hybrid', 'v1']),
  controllers: z.array(HostFeature),
  namespaces: z.array(HostFeature),
  security: z.array(HostFeature),
  kernelFeatures: z.array(HostFeature),
  /** Of the layers of new containers, by the settings. Null: none, or this host enforces none. */
  defaultStorageBytes: z.int().nullable(),
  disks: z.array(DiskReport),
  /** State files that were replaced; none: all are whole. */
  storeWarnings: z.array(StoreWarning).default([]),
});
export type HostReport = z.infer<typeof HostReport>;
