import type { Cgroup, CgroupLayout, Kernel, OciConfig, UserNamespacePool } from '@plimsoll/core';
import type { Limits } from '@plimsoll/protocol';
import type { Attachments } from './attach/attachments.ts';
import type { StreamCounts } from './attach/stream-counts.ts';
import type { BindSourceOpener } from './bind-sources.ts';
import type { DrawnIdRanges } from './id-ranges.ts';
import type { Incidents } from './incidents.ts';
import type { Journal } from './journal.ts';
import type { KeptStarts } from './kept-starts.ts';
import type { LateRecords } from './late-records.ts';
import type { LayerProjects } from './layer-projects.ts';
import type { LedgerRecords } from './ledger-records.ts';
import type { LogGaps } from './log-gaps.ts';
import type { ContainerDefinition } from './protocol.ts';
import type { Joinable } from './start-config.ts';
import type { ContainerPaths, Store } from './store.ts';

/** What every container of one supervisor has in common. */
export interface Host {
  kernel: Kernel;
  layout: CgroupLayout;
  store: Store;
  journal: Journal;
  late: LateRecords;
  ledger: LedgerRecords;
  gaps: LogGaps;
  incidents: Incidents;
  ranges: DrawnIdRanges;
  users: UserNamespacePool;
  kept: KeptStarts;
  layers: LayerProjects;
  binds: BindSourceOpener;
  counts: StreamCounts;
  attachments: Attachments;
}

/** What every incarnation of one container has in common. */
export interface Identity {
  host: Host;
  definition: ContainerDefinition;
  config: OciConfig;
  cgroup: Cgroup;
  paths: ContainerPaths;
  /** The kernel says that it is frozen, or not any more. */
  onFrozen: (frozen: boolean) => void;
  /** A container whose namespaces it joins; throws where that does not run. */
  join: (id: string) => Joinable;
  /** In force now. */
  limits: () => Limits;
}
