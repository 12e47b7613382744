import type { Cgroup } from '../cgroups/cgroup.ts';
import { attachBind, prepareBind, type PreparedBind } from '../mounts/bind.ts';
import { attachCgroups, prepareCgroups, type PreparedCgroups } from '../mounts/cgroups.ts';
import { isDev, makeDev, type Owner } from '../mounts/dev.ts';
import { linksToNowhere } from '../mounts/links-to-nowhere.ts';
import { makeIdMappedOverlay } from '../mounts/id-mapped-overlay.ts';
import { attach, mountInside } from '../mounts/mount.ts';
import { isPersonal, openMountPoint } from '../mounts/mount-point.ts';
import type { Rootfs } from '../mounts/rootfs.ts';
import { rootOutside } from '../namespaces/root-outside.ts';
import type { OciConfig, OciMount } from '../oci/config.ts';
import type { Result } from '../program/argument.ts';
import type { Program } from '../program/program.ts';
import type { StartParts } from './start-parts.ts';

/** Mounts that the host's root has made or taken hold of; they are attached nowhere yet. */
export interface PreparedMounts {
  /** Null: the overlay is mounted where it is needed, by paths. */
  rootfs: Result | null;
  dev: Result | null;
  binds: ReadonlyMap<OciMount, PreparedBind>;
  cgroups: ReadonlyMap<OciMount, PreparedCgroups>;
  /** Where a symbolic link on the way to a mount's destination leads that has no target. */
  nowhere: ReadonlyMap<OciMount, string>;
}

/** What only the host's root can make or reach: layers by other ids, device nodes, files of the host. */
export function prepareMounts(
  program: Program,
  config: OciConfig,
  { rootfs, cgroup }: { rootfs: Rootfs; cgroup: Cgroup },
  { joined, sources }: StartParts,
): PreparedMounts {
  const user = joined.get('user') ?? null;
  const { uidMappings, gidMappings, devices = [] } = config.linux;
  const dev = config.mounts.find(isDev);
  const binds = config.mounts.filter(({ type }) => type === 'bind');
  const cgroups = config.mounts.filter(({ type }) => type === 'cgroup');
  const personal = config.mounts.filter(isPersonalMount);
  const owner: Owner = { uid: rootOutside(uidMappings), gid: rootOutside(gidMappings) };
  return {
    binds: new Map(binds.map((mount) => [mount, prepareBind(program, mount, sources.get(mount.source), user)])),
    cgroups: new Map(cgroups.map((mount) => [mount, prepareCgroups(program, mount, cgroup)])),
    dev: dev === undefined ? null : makeDev(program, dev, devices, owner),
    nowhere: linksToNowhere(personal, rootfs, sources),
    // Last: on older kernels it leaves the host's mount namespace.
    rootfs: user === null ? null : makeIdMappedOverlay(program, rootfs, user),
  };
}

/** A config's mounts in their places inside the rootfs, which is the working directory. Returns its procfs. */
export function mountAll(program: Program, { mounts }: OciConfig, prepared: PreparedMounts): Result | null {
  let proc: Result | null = null;
  const isInSysfs = mounts.some(({ destination, type }) => destination === '/sys' && type === 'sysfs');
  // A person's mounts first: no symbolic link of an image leads them into /proc or /sys so, which are not there yet.
  for (const mount of [...mounts.filter(isPersonalMount), ...mounts.filter((one) => !isPersonalMount(one))]) {
    const bind = prepared.binds.get(mount);
    const cgroups = prepared.cgroups.get(mount);
    const nowhere = prepared.nowhere.get(mount) ?? null;
    if (bind !== undefined) {
      attachBind(program, bind, nowhere);
    } else if (cgroups !== undefined) {
      attachCgroups(program, cgroups, isInSysfs);
    } else if (prepared.dev !== null && isDev(mount)) {
      attach(program, 'mount /dev', prepared.dev, openMountPoint(program, mount, 'directory'));
    } else {
      const mounted = mountInside(program, mount, nowhere);
      if (mount.type === 'proc' && mount.destination === '/proc') proc = mounted;
    }
  }
  return proc;
}

const isPersonalMount = ({ destination }: OciMount): boolean => isPersonal(destination);
