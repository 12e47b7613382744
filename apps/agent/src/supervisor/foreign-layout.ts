import { Cgroup, hierarchiesOf, layoutHolding, processesBelow, type CgroupLayout } from '@plimsoll/core';
import { PlimsollError } from '@plimsoll/protocol';

/** A cgroup in the one hierarchy that freezes and kills it. */
export interface Acting {
  cgroup: Cgroup;
  mount: string;
}

/**
 * Both ways to freeze, of those that have this cgroup: the v2 tree first, then v1's freezer, each as a layout without the other.
 * Throws `not-found`, and `unsupported-on-host` where there is neither.
 */
export function freezersOf(layout: CgroupLayout, path: string): Acting[] {
  const there = layoutHolding(layout, path);
  const { unified } = there;
  const hierarchies = hierarchiesOf(there);
  if (hierarchies.length === 0) throw goneError(path);
  const acting: Acting[] = [];
  if (unified !== null) {
    const ofV2 = new Map([...there.controllers].filter(([, { version }]) => version === 2));
    acting.push({ cgroup: new Cgroup({ kind: 'v2', unified, controllers: ofV2 }, path), mount: unified });
  }
  const freezer = v1FreezerOf(there);
  if (freezer !== null) acting.push({ cgroup: new Cgroup(freezer.layout, path), mount: freezer.mount });
  if (acting.length > 0) return acting;
  throw new PlimsollError(
    'unsupported-on-host',
    `cgroup "${path}" is in ${hierarchies.map(({ name }) => name).join(' and ')} alone, which cannot freeze or kill`,
    { hint: "Only a cgroup of the v2 tree, or of v1's freezer, can be frozen or killed." },
  );
}

/** v1's freezer, as a layout of it alone. */
export function v1FreezerOf({ controllers }: CgroupLayout): { layout: CgroupLayout; mount: string } | null {
  const freezer = controllers.get('freezer');
  if (freezer?.version !== 1) return null;
  return { layout: { kind: 'v1', unified: null, controllers: new Map([['freezer', freezer]]) }, mount: freezer.mount };
}

/** The one of them that has its processes; the first where there are none. Throws where they are members in others alone. */
export function actingOn(layout: CgroupLayout, path: string): Acting {
  const able = freezersOf(layout, path);
  const withProcesses = able.find(({ mount }) => processesBelow(mount, path).length > 0);
  if (withProcesses !== undefined) return withProcesses;
  const elsewhere = hierarchiesOf(layoutHolding(layout, path)).find(({ mount }) => processesBelow(mount, path).length > 0);
  if (elsewhere === undefined) return able[0]!;
  throw new PlimsollError(
    'unsupported-on-host',
    `the processes of cgroup "${path}" are in it in the hierarchy of ${elsewhere.name}, which cannot freeze or kill`,
    { hint: "Only what is a member in the v2 tree, or in v1's freezer, can be frozen or killed." },
  );
}

export function goneError(path: string): PlimsollError {
  return new PlimsollError('not-found', `there is no cgroup "${path}"`, {
    hint: 'It may have gone: `plimsoll cgroup ls` lists what there is.',
  });
}
