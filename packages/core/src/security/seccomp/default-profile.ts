import { ADDRESS_FAMILY, type AddressFamily } from '../../abi/address-family.ts';
import type { Capability } from '../../abi/capabilities.ts';
import { CLONE } from '../../abi/clone.ts';
import { ERRNO } from '../../abi/errno.ts';
import { COMMON_SYSCALLS } from './common-syscalls.ts';
import type { ProfileRule, SeccompArgument, SeccompProfile } from './profile.ts';

/** What is more than a container needs, and which capability says that this one is meant to. */
const BY_CAPABILITY: Partial<Record<Capability, string>> = {
  CAP_DAC_READ_SEARCH: 'open_by_handle_at',
  CAP_SYS_ADMIN: `
    clone clone3 unshare setns sethostname setdomainname
    mount umount2 fsopen fsconfig fsmount fspick open_tree move_mount mount_setattr quotactl quotactl_fd
    bpf perf_event_open syslog lookup_dcookie fanotify_init
    lsm_get_self_attr lsm_set_self_attr lsm_list_modules`,
  CAP_SYS_PTRACE: 'ptrace process_vm_readv process_vm_writev process_madvise pidfd_getfd kcmp',
  CAP_SYS_NICE: 'get_mempolicy set_mempolicy set_mempolicy_home_node mbind',
  CAP_SYS_CHROOT: 'chroot',
  CAP_SYS_TIME: 'settimeofday clock_settime',
  CAP_SYS_MODULE: 'init_module finit_module delete_module',
  CAP_SYS_BOOT: 'reboot',
  CAP_SYS_PACCT: 'acct',
  CAP_SYS_RAWIO: 'ioperm iopl',
  CAP_SYS_TTY_CONFIG: 'vhangup',
  CAP_SYSLOG: 'syslog',
  CAP_BPF: 'bpf',
  CAP_PERFMON: 'perf_event_open',
};

/** Before Linux 4.8 a tracer could change a syscall after the filter had seen it (seccomp(2)). */
const SINCE_4_8 = 'ptrace process_vm_readv process_vm_writev';

const ON_AMD64 = 'arch_prctl modify_ldt';

/**
 * Refused: AF_ALG, the kernel's cryptography, by which CVE-2026-31431 wrote to other containers' files; AF_VSOCK, which
 * reaches the machine around the network namespace; and families that Linux has taken out.
 */
const FAMILIES_ABOVE_THE_FIRST: readonly AddressFamily[] = [
  ...(['AF_NETBEUI', 'AF_SECURITY', 'AF_KEY', 'AF_NETLINK', 'AF_PACKET', 'AF_ASH', 'AF_RDS', 'AF_SNA', 'AF_PPPOX'] as const),
  ...(['AF_LLC', 'AF_IB', 'AF_MPLS', 'AF_CAN', 'AF_TIPC', 'AF_BLUETOOTH', 'AF_IUCV', 'AF_RXRPC', 'AF_PHONET'] as const),
  ...(['AF_IEEE802154', 'AF_NFC', 'AF_KCM', 'AF_QIPCRTR', 'AF_SMC', 'AF_XDP', 'AF_MCTP'] as const),
];

/** personality(2): Linux, with addresses as they are (0x20000 is UNAME26), 32-bit Linux (8), and the question which it is. */
const PERSONALITIES = [0, 0x8, 0x2_0000, 0x2_0008, 0xffff_ffff];

/** CLONE_NEWTIME is not among clone's flags: its bit is part of the exit signal there. */
const NEW_NAMESPACE =
  CLONE.CLONE_NEWNS |
  CLONE.CLONE_NEWCGROUP |
  CLONE.CLONE_NEWUTS |
  CLONE.CLONE_NEWIPC |
  CLONE.CLONE_NEWUSER |
  CLONE.CLONE_NEWPID |
  CLONE.CLONE_NEWNET;

const first = (value: number, op: SeccompArgument['op'] = 'SCMP_CMP_EQ'): SeccompArgument[] => [{ index: 0, value, op }];

/**
 * The syscalls of a container without a profile of its own: those on the list; EPERM for the rest, and ENOSYS for
 * syscalls above the highest on the list (rules.ts). Not on it, on purpose: io_uring, whose requests no filter sees; keyrings,
 * which have no namespace; userfaultfd; swap, kexec, and what is long out of use.
 *
 * Its verdicts are those of moby's profile (github.com/moby/profiles, as of Linux 7.0). containers/common's differs: it
 * lets namespaces and mounts be made without CAP_SYS_ADMIN, answers ENOSYS to what it does not know, and allows AF_ALG.
 */
export const DEFAULT_SECCOMP_PROFILE: SeccompProfile = {
  defaultAction: 'SCMP_ACT_ERRNO',
  defaultErrnoRet: ERRNO.EPERM,
  syscalls: [
    ...Object.values(COMMON_SYSCALLS).map((names) => allow(names)),
    { ...allow(SINCE_4_8), includes: { minKernel: '4.8' } },
    { ...allow(ON_AMD64), includes: { arches: ['amd64'] } },
    ...Object.entries(BY_CAPABILITY).map(([capability, names]) => ({ ...allow(names), includes: { caps: [capability] } })),
    { ...allow('socket'), args: first(ADDRESS_FAMILY.AF_DECnet, 'SCMP_CMP_LT') },
    ...FAMILIES_ABOVE_THE_FIRST.map((family) => ({ ...allow('socket'), args: first(ADDRESS_FAMILY[family]) })),
    ...PERSONALITIES.map((personality) => ({ ...allow('personality'), args: first(personality) })),
    {
      ...allow('clone'),
      args: [{ index: 0, value: NEW_NAMESPACE, valueTwo: 0, op: 'SCMP_CMP_MASKED_EQ' }],
      excludes: { caps: ['CAP_SYS_ADMIN'] },
    },
    // Its flags are in memory, where no filter looks. Told that there is no clone3, a libc takes clone.
    {
      names: ['clone3'],
      action: 'SCMP_ACT_ERRNO',
      errnoRet: ERRNO.ENOSYS,
      excludes: { caps: ['CAP_SYS_ADMIN'] },
    },
  ],
};

function allow(names: string): ProfileRule {
  return { names: names.trim().split(/\s+/), action: 'SCMP_ACT_ALLOW' };
}
