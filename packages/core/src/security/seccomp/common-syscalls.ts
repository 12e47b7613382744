/**
 * What any program in a container may do, by what it is for; where the kernel checks capabilities (chown, adjtimex, setuid)
 * that is enough. Names of every 64-bit architecture: one that lacks some passes over them.
 */
export const COMMON_SYSCALLS = {
  files: `
    open openat openat2 creat close close_range name_to_handle_at
    stat fstat lstat newfstatat statx access faccessat faccessat2 statfs fstatfs statmount listmount
    truncate ftruncate fallocate link linkat symlink symlinkat readlink readlinkat unlink unlinkat rename renameat renameat2
    mkdir mkdirat rmdir mknod mknodat chdir fchdir getcwd getdents getdents64 umask
    chmod fchmod fchmodat fchmodat2 chown fchown fchownat lchown utime utimes utimensat futimesat
    inotify_init inotify_init1 inotify_add_watch inotify_rm_watch fanotify_mark`,

  attributes: `
    getxattr lgetxattr fgetxattr getxattrat setxattr lsetxattr fsetxattr setxattrat
    listxattr llistxattr flistxattr listxattrat removexattr lremovexattr fremovexattr removexattrat`,

  reading_and_writing: `
    read write pread64 pwrite64 readv writev preadv pwritev preadv2 pwritev2 lseek readahead cachestat fadvise64
    sendfile copy_file_range splice tee vmsplice sync syncfs fsync fdatasync sync_file_range
    io_setup io_destroy io_submit io_cancel io_getevents io_pgetevents`,

  descriptors: `
    dup dup2 dup3 pipe pipe2 fcntl flock ioctl eventfd eventfd2 memfd_create memfd_secret
    select pselect6 poll ppoll epoll_create epoll_create1 epoll_ctl epoll_ctl_old epoll_wait epoll_wait_old epoll_pwait epoll_pwait2`,

  // `socket` by its family: default-profile.ts.
  sockets: `
    socketpair bind listen accept accept4 connect shutdown getsockname getpeername getsockopt setsockopt
    sendto sendmsg sendmmsg recvfrom recvmsg recvmmsg`,

  memory: `
    brk mmap munmap mremap mprotect madvise mincore msync remap_file_pages mseal map_shadow_stack
    mlock mlock2 mlockall munlock munlockall pkey_alloc pkey_free pkey_mprotect membarrier`,

  // `clone` by its flags, `clone3` never: default-profile.ts.
  processes: `
    fork vfork execve execveat exit exit_group wait4 waitid pidfd_open process_mrelease
    getpid getppid gettid getpgid getpgrp setpgid getsid setsid prctl uretprobe riscv_hwprobe
    set_tid_address set_robust_list get_robust_list set_thread_area get_thread_area rseq restart_syscall`,

  identity: `
    getuid geteuid getresuid setuid setreuid setresuid setfsuid getgid getegid getresgid setgid setregid setresgid setfsgid
    getgroups setgroups capget capset seccomp landlock_create_ruleset landlock_add_rule landlock_restrict_self`,

  signals: `
    kill tkill tgkill pidfd_send_signal pause rt_sigaction rt_sigprocmask rt_sigpending rt_sigsuspend rt_sigtimedwait
    rt_sigreturn rt_sigqueueinfo rt_tgsigqueueinfo sigaltstack signalfd signalfd4`,

  scheduling: `
    sched_yield sched_getaffinity sched_setaffinity sched_getattr sched_setattr sched_getparam sched_setparam
    sched_getscheduler sched_setscheduler sched_get_priority_max sched_get_priority_min sched_rr_get_interval
    getpriority setpriority ioprio_get ioprio_set getcpu getrlimit setrlimit prlimit64 getrusage`,

  synchronization: `
    futex futex_wait futex_waitv futex_wake futex_requeue semget semop semtimedop semctl shmget shmat shmdt shmctl
    msgget msgsnd msgrcv msgctl mq_open mq_unlink mq_timedsend mq_timedreceive mq_notify mq_getsetattr`,

  time: `
    time gettimeofday clock_gettime clock_getres clock_nanosleep nanosleep adjtimex clock_adjtime times
    alarm getitimer setitimer timer_create timer_delete timer_gettime timer_settime timer_getoverrun
    timerfd_create timerfd_gettime timerfd_settime`,

  system: 'uname sysinfo getrandom',
} as const;
