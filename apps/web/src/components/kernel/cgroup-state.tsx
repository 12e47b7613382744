import type { HostCgroup } from '@plimsoll/protocol';
import { Glyph } from '../state-glyph.tsx';

export function CgroupState({ cgroup: { frozen, populated } }: { cgroup: HostCgroup }) {
  if (frozen === true) return <Glyph kind="frozen" label="frozen" />;
  return populated ? <Glyph kind="active" label="populated" /> : <Glyph kind="empty" label="empty" />;
}
