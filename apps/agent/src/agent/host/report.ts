import { readFileSync } from 'node:fs';
import { arch, cpus, hostname, release, totalmem, uptime } from 'node:os';
import type { CgroupLayout } from '@plimsoll/core';
import type { DiskReport, HostReport, StoreWarning } from '@plimsoll/protocol';
import { reportControllers } from './controllers.ts';
import { reportKernelFeatures } from './kernel-features.ts';
import { reportNamespaces } from './namespaces.ts';
import { reportQuotas } from './quotas.ts';
import { reportSecurity } from './security.ts';

/** What the report cannot find out by itself. */
export interface HostFacts {
  version: string;
  hostId: string;
  storeWarnings: StoreWarning[];
  supervisorPid: number;
  stateRoot: string;
  cgroupRoot: string;
  layout: CgroupLayout;
  /** Why the file system of the images shows its files by no other ids; null: it does, or nobody was there to try. */
  noIdMaps: string | null;
  /** Why no layer can be limited; null: each can. */
  noProjectQuotas: string | null;
  /** The default for new layers, by the settings. */
  storageBytes: number | null;
  disks: DiskReport[];
}

/** What this host offers, and what is missing: read anew each time, since modules are loaded and mounts made. */
export function reportHost({ layout, noIdMaps, noProjectQuotas, storageBytes, ...facts }: HostFacts): HostReport {
  return {
    ...facts,
    hostname: hostname(),
    kernel: release(),
    arch: arch(),
    cpus: cpus().length,
    memoryBytes: totalmem(),
    bootedAt: bootTime(),
    agentPid: process.pid,
    cgroupLayout: layout.kind,
    controllers: reportControllers(layout),
    namespaces: reportNamespaces(),
    security: reportSecurity(),
    kernelFeatures: [...reportKernelFeatures(layout, noIdMaps), reportQuotas(noProjectQuotas, storageBytes)],
    defaultStorageBytes: noProjectQuotas === null ? storageBytes : null,
  };
}

/** proc_stat(5): btime, seconds since 1970. */
function bootTime(): string {
  const seconds = Number(readFileSync('/proc/stat', 'utf8').match(/^btime (\d+)$/m)?.[1]);
  return new Date(Number.isNaN(seconds) ? Date.now() - uptime() * 1000 : seconds * 1000).toISOString();
}
