/** What each capability of capabilities(7) allows, over what the process's user namespace owns. */
const ALLOWS: Readonly<Record<string, string>> = {
  CAP_CHOWN: 'give files to any user and group',
  CAP_DAC_OVERRIDE: 'read, write and execute files whatever their permissions say',
  CAP_DAC_READ_SEARCH: 'read files and list directories whatever their permissions say, and open files by handle',
  CAP_FOWNER: 'change permissions and times of files as if their owner',
  CAP_FSETID: 'keep set-user-id and set-group-id bits when a file is changed',
  CAP_KILL: 'send signals to processes of other users',
  CAP_SETGID: 'become any group',
  CAP_SETUID: 'become any user',
  CAP_SETPCAP: 'drop capabilities from its bounding set, and pass on inheritable ones',
  CAP_LINUX_IMMUTABLE: 'set and clear the immutable and append-only attributes of files',
  CAP_NET_BIND_SERVICE: 'listen on ports below 1024',
  CAP_NET_BROADCAST: 'broadcast and listen to multicasts (unused by the kernel)',
  CAP_NET_ADMIN: 'configure network devices, routes, firewalls and traffic control',
  CAP_NET_RAW: 'open raw and packet sockets: ping, sniff and forge packets',
  CAP_IPC_LOCK: 'lock memory, beyond its limit',
  CAP_IPC_OWNER: 'use System V ipc objects whatever their permissions say',
  CAP_SYS_MODULE: 'load and unload kernel modules',
  CAP_SYS_RAWIO: 'reach io ports, physical memory and raw devices',
  CAP_SYS_CHROOT: 'change its root directory, and join mount namespaces',
  CAP_SYS_PTRACE: 'trace, read and write the memory of other processes',
  CAP_SYS_PACCT: 'switch process accounting on and off',
  CAP_SYS_ADMIN: 'mount, make namespaces, and a great many administrative operations: next to being root',
  CAP_SYS_BOOT: 'restart the machine, and load another kernel',
  CAP_SYS_NICE: 'raise priorities, set real-time scheduling and cpu affinity of any process',
  CAP_SYS_RESOURCE: 'go beyond resource limits, quotas and reserved space',
  CAP_SYS_TIME: 'set the system clock',
  CAP_SYS_TTY_CONFIG: 'hang up and configure virtual terminals',
  CAP_MKNOD: 'make device nodes',
  CAP_LEASE: 'take leases on any file',
  CAP_AUDIT_WRITE: 'write to the kernel’s audit log',
  CAP_AUDIT_CONTROL: 'configure the kernel’s audit',
  CAP_SETFCAP: 'give capabilities to files',
  CAP_MAC_OVERRIDE: 'go past mandatory access control (Smack)',
  CAP_MAC_ADMIN: 'configure mandatory access control',
  CAP_SYSLOG: 'read the kernel’s log and addresses',
  CAP_WAKE_ALARM: 'wake the machine by a timer',
  CAP_BLOCK_SUSPEND: 'keep the machine from suspending',
  CAP_AUDIT_READ: 'read the audit log as it is written',
  CAP_PERFMON: 'observe performance of the whole system',
  CAP_BPF: 'load eBPF programs and maps',
  CAP_CHECKPOINT_RESTORE: 'checkpoint and restore processes, choosing pids',
};

export const ALL_CAPABILITIES: readonly string[] = Object.keys(ALLOWS);

/** `net_bind_service` */
export function capabilityName(name: string): string {
  return name.replace(/^CAP_/, '').toLowerCase();
}

export function capabilityAllows(name: string): string {
  return ALLOWS[name] ?? 'something that is newer than this dashboard';
}
