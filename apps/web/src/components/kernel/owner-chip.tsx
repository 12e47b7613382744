import type { CgroupOwner } from '@plimsoll/protocol';
import { OWNERS } from '../../lib/kernel-view.ts';

/** Who made a cgroup; this Plimsoll's own stand out. */
export function OwnerChip({ owner }: { owner: CgroupOwner }) {
  const own = owner === 'plimsoll' ? 'border-accent bg-accent-soft text-accent' : 'border-line-strong text-ink-2';
  return <span className={`inline-block rounded border px-1.5 text-12 whitespace-nowrap ${own}`}>{OWNERS[owner]}</span>;
}
