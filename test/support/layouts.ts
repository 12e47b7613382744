import { discoverCgroupLayout, usedLayout, type CgroupLayout } from '@plimsoll/core';

const host = discoverCgroupLayout();

/** What containers use on this host. */
export const HOST_LAYOUT: CgroupLayout = usedLayout(host);

/** As a host without a v2 tree would look: the same v1 hierarchies, the freezer's among them. */
const WITHOUT_UNIFIED: CgroupLayout = usedLayout({ ...host, kind: 'v1', unified: null });

const hasV1 = host.kind !== 'v2';

/** Every layout that can be had on this host. `there` is false for what it lacks, and the name says why: for describe.runIf. */
export const LAYOUTS: readonly { name: string; layout: CgroupLayout; there: boolean }[] = [
  { name: host.kind, layout: HOST_LAYOUT, there: true },
  { name: hasV1 ? 'v1 alone' : 'v1 alone (this host has no v1 hierarchy)', layout: WITHOUT_UNIFIED, there: hasV1 },
];
