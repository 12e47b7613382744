import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** Where `npm test` puts what is not installed (scripts/lib/standard-profiles.mjs). */
const FETCHED = join(import.meta.dirname, '../../../node_modules/.cache/plimsoll/profiles');

/** Where a profile is: installed, or fetched. */
export function placeOf({ path }: StandardProfile): string {
  return existsSync(path) ? path : join(FETCHED, path);
}

/** A profile that others ship, and which syscalls Plimsoll's default answers differently on purpose. */
export interface StandardProfile {
  path: string;
  allowedHere: readonly string[];
  allowedThere: readonly string[];
  /** Whether what both refuse is refused with the same errno. */
  sameErrnos: boolean;
}

const words = (text: string) => text.trim().split(/\s+/);

/** Came to moby's profile after Debian 12's version of either. */
const NEWER = words(`
  cachestat fchmodat2 map_shadow_stack futex_wake futex_wait futex_requeue statmount listmount mseal uretprobe
  setxattrat getxattrat listxattrat removexattrat set_mempolicy_home_node
  lsm_get_self_attr lsm_set_self_attr lsm_list_modules`);

/** With CAP_BPF and CAP_PERFMON alone, as CAP_SYS_ADMIN would. */
const BY_NARROWER_CAPABILITIES = ['bpf', 'perf_event_open'];

export const STANDARD_PROFILES: readonly StandardProfile[] = [
  {
    // Debian: golang-github-docker-docker-dev, moby 20.10.
    path: '/usr/share/gocode/src/github.com/docker/docker/profiles/seccomp/default.json',
    allowedHere: [
      ...NEWER,
      ...BY_NARROWER_CAPABILITIES,
      ...words('name_to_handle_at process_vm_readv process_vm_writev pkey_mprotect pkey_alloc pkey_free'),
    ],
    // moby took io_uring out in version 25, and families of socket(2) since.
    allowedThere: words('io_uring_setup io_uring_enter io_uring_register socket'),
    sameErrnos: true,
  },
  {
    // Debian: golang-github-containers-common; podman's.
    path: '/usr/share/containers/seccomp.json',
    allowedHere: [...NEWER, ...BY_NARROWER_CAPABILITIES, ...words('vmsplice io_pgetevents futex_waitv quotactl_fd')],
    allowedThere: [
      // podman leaves these to the kernel's own checks, so that containers can be made in containers.
      ...words('clone clone3 unshare setns mount umount2 pivot_root'),
      ...words('fsopen fsconfig fsmount fspick open_tree move_mount mount_setattr'),
      // Of kernels before 4.8 it does not speak.
      ...words('ptrace process_vm_readv process_vm_writev'),
      ...words('keyctl reboot syslog mbind set_mempolicy get_mempolicy pidfd_getfd query_module socket'),
    ],
    // It answers ENOSYS to what it does not name.
    sameErrnos: false,
  },
];
