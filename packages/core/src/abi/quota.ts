/** quotactl(2): include/uapi/linux/quota.h. A command for quotas of projects: QCMD(command, PRJQUOTA). */
const PRJQUOTA = 2;

function forProjects(command: number, name: string): { value: number; text: string } {
  // Not `<<`: the generic commands have bit 31 after the shift.
  return { value: command * 256 + PRJQUOTA, text: `QCMD(${name}, PRJQUOTA)` };
}

export const QUOTA_COMMAND = {
  getQuota: forProjects(0x80_0007, 'Q_GETQUOTA'),
  setQuota: forProjects(0x80_0008, 'Q_SETQUOTA'),
  getNextQuota: forProjects(0x80_0009, 'Q_GETNEXTQUOTA'),
  /** XQM_CMD(5), include/uapi/linux/dqblk_xfs.h: answered by ext4 and its like too. */
  getState: forProjects(0x5805, 'Q_XGETQSTAT'),
} as const;

/** struct if_dqblk and if_nextdqblk, 72 bytes: offsets. Limits in blocks of 1 KiB, the space in bytes. */
export const DQBLK = { bytes: 72, hardLimit: 0, softLimit: 8, space: 16, inodes: 40, valid: 64, id: 68 } as const;
export const QUOTA_BLOCK_BYTES = 1024;
/** Of `valid`: both limits on blocks are to be set. */
export const QIF_BLIMITS = 1;

/** struct fs_quota_stat (dqblk_xfs.h), 80 bytes; `flags` is a u16. */
export const QUOTA_STATE = { bytes: 80, flags: 2 } as const;
/** FS_QUOTA_PDQ_ENFD: limits of projects are enforced, and not only counted. */
export const PROJECTS_ENFORCED = 1 << 5;

/** ioctl_xfs_fsgetxattr(2), include/uapi/linux/fs.h: struct fsxattr, 28 bytes, each field a u32. */
export const FSXATTR = { bytes: 28, flags: 0, project: 12 } as const;
export const FS_IOC_FSGETXATTR = { value: 0x801c_581f, text: 'FS_IOC_FSGETXATTR' } as const;
export const FS_IOC_FSSETXATTR = { value: 0x401c_5820, text: 'FS_IOC_FSSETXATTR' } as const;
/** What is made in a directory gets its project. */
export const FS_XFLAG_PROJINHERIT = 0x200;
