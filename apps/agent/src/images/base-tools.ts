/** Names of host programs that the built-in image takes where the host has them. `sh` alone is a must. */
export const BASE_TOOLS = [
  // Shells.
  'sh dash bash',
  // GNU coreutils, but for what needs a library loaded into another program (stdbuf) or SELinux (chcon, runcon).
  '[ arch b2sum base32 base64 basename cat chgrp chmod chown chroot cksum comm cp csplit cut date dd df dir dircolors dirname du',
  'echo env expand expr factor false fmt fold groups head hostid id install join link ln logname ls md5sum mkdir mkfifo mknod mktemp',
  'mv nice nl nohup nproc numfmt od paste pathchk pinky pr printenv printf ptx pwd readlink realpath rm rmdir seq sha1sum sha224sum',
  'sha256sum sha384sum sha512sum shred shuf sleep sort split stat stty sum sync tac tail tee test timeout touch tr true truncate',
  'tsort tty uname unexpand uniq unlink users vdir wc who whoami yes',
  // Text and files.
  'grep egrep fgrep sed awk mawk gawk find xargs diff cmp tar gzip gunzip zcat xz bzip2 zstd less more which tree',
  // Processes.
  'ps top free vmstat uptime pgrep pkill pidof pidwait pmap pwdx slabtop tload w watch kill skill snice sysctl killall pstree fuser strace htop lsof',
  // util-linux and friends.
  'mount umount mountpoint findmnt hostname dmesg lscpu lsns lsipc ipcs ipcmk ipcrm nsenter unshare setsid setpriv taskset ionice chrt renice',
  'prlimit flock fallocate losetup lsblk script hexdump column rev getopt logger cal uuidgen nologin capsh getpcaps getcap setcap',
  // Network.
  'ip ss ping nc',
  // Terminal and name services.
  'clear tput tset reset infocmp getent getconf',
].flatMap((line) => line.split(' '));

/** Terminal descriptions, so that top and less can draw. */
export const TERMINALS = [
  'ansi',
  'dumb',
  'linux',
  'screen',
  'screen-256color',
  'tmux',
  'tmux-256color',
  'vt100',
  'vt220',
  'xterm',
  'xterm-256color',
];
export const TERMINFO_DIRECTORIES = ['/lib/terminfo', '/usr/share/terminfo', '/usr/lib/terminfo'];

/** Loaded by name at run time, hence in no header: glibc's name services before 2.34, and pthread_cancel's unwinder. */
export const LOADED_AT_RUN_TIME = ['libnss_files.so.2', 'libnss_dns.so.2', 'libgcc_s.so.1'];

const OS_RELEASE = `NAME="Plimsoll base"
ID=plimsoll-base
PRETTY_NAME="Plimsoll base (the host's own tools)"
`;

/** The image's own files: none is taken from the host's /etc. */
export const BASE_FILES: Record<string, string> = {
  'etc/passwd': 'root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n',
  'etc/group': 'root:x:0:\ntty:x:5:\nnogroup:x:65534:\n',
  'etc/hosts': '127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\n',
  'etc/hostname': 'localhost\n',
  'etc/nsswitch.conf': 'passwd: files\ngroup: files\nhosts: files dns\nservices: files\nprotocols: files\n',
  'etc/os-release': OS_RELEASE,
};

/** Directories and their modes. */
export const BASE_DIRECTORIES: Record<string, number> = {
  etc: 0o755,
  home: 0o755,
  mnt: 0o755,
  opt: 0o755,
  root: 0o700,
  run: 0o755,
  srv: 0o755,
  tmp: 0o1777,
  usr: 0o755,
  'usr/local/bin': 0o755,
  'usr/local/sbin': 0o755,
  var: 0o755,
  'var/cache': 0o755,
  'var/lib': 0o755,
  'var/log': 0o755,
  'var/tmp': 0o1777,
};
