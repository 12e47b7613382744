/** Who made a cgroup, as far as its path tells. */
export type CgroupOwner = 'root' | 'plimsoll' | 'other-plimsoll' | 'docker' | 'podman' | 'kubernetes' | 'systemd' | 'other';

const PLIMSOLL = /^plimsoll(?:-[0-9a-f]{8})?$/;

/**
 * Names that engines give: the cgroupfs driver's first, the systemd driver's then. Docker: `docker/<id>`,
 * `docker-<id>.scope`. Podman: `libpod_parent/libpod-<id>`, `machine.slice/libpod-<id>.scope`, `podman-pause-….scope`.
 * Kubelet: `kubepods/burstable/pod…`, `kubepods.slice/kubepods-burstable.slice/…`.
 */
const ENGINES: readonly [CgroupOwner, RegExp][] = [
  ['docker', /^docker$|^docker-[0-9a-f]{64}\.scope$/],
  ['podman', /^libpod[-_]|^podman-/],
  ['kubernetes', /^kubepods$|^kubepods(?:-.+)?\.slice$/],
];

/** systemd.unit(5): the types of units that have processes. `machine.slice` is its own too, whoever uses it. */
const UNIT = /\.(?:slice|scope|service|socket|mount|swap)$/;

/**
 * By the outermost name that says anything of an engine: what runs inside a container is that container's. `ownRoot` is
 * the name of the cgroup root of the Plimsoll that asks.
 */
export function ownerOf(path: string, ownRoot: string): CgroupOwner {
  if (path === '') return 'root';
  const parts = path.split('/');
  if (parts[0] === ownRoot) return 'plimsoll';
  if (PLIMSOLL.test(parts[0] ?? '')) return 'other-plimsoll';
  for (const part of parts) {
    const engine = ENGINES.find(([, name]) => name.test(part));
    if (engine !== undefined) return engine[0];
  }
  return parts.some((part) => UNIT.test(part)) ? 'systemd' : 'other';
}
