#include "attempt.h"
#include <linux/capability.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <sys/wait.h>
#include <sys/xattr.h>

static int has_capability(int capability) {
  struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
  struct __user_cap_data_struct data[2] = {0};
  if (syscall(SYS_capget, &header, data) != 0) misused("capget");
  return data[capability / 32].effective >> (capability % 32) & 1;
}

/* In a child: a user namespace that it makes gives it all capabilities over what else it makes. */
static void gain(void) { _exit(has_capability(CAP_SYS_ADMIN) ? 0 : 1); }

static void await(pid_t child, const char *how) {
  int status;
  if (child < 0 || waitpid(child, &status, 0) != child) return;
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) escaped("got CAP_SYS_ADMIN by %s", how);
}

/* By each of the syscalls that make namespaces. */
static void make_user_namespace(char **arguments) {
  (void)arguments;
  pid_t child = fork();
  if (child == 0) {
    if (unshare(CLONE_NEWUSER) != 0) _exit(1);
    gain();
  }
  await(child, "unshare");

  child = syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, 0, 0, 0, 0);
  if (child == 0) gain();
  await(child, "clone");

  struct clone_args with = {.flags = CLONE_NEWUSER, .exit_signal = SIGCHLD};
  child = syscall(SYS_clone3, &with, sizeof with);
  if (child == 0) gain();
  await(child, "clone3");

  if (unshare(CLONE_NEWUSER) == 0) held_by("a user namespace gives nothing");
  held("unshare");
}

/* This program, where its file has the set-user-ID bit of root. */
static void become_root(char **arguments) {
  (void)arguments;
  if (geteuid() != 0) held_by("the user is %d", geteuid());
  escaped("became root");
}

static void copy_self(const char *path) {
  char block[1 << 16];
  ssize_t length;
  int from = open_or_held("/proc/self/exe", O_RDONLY);
  int to = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0755);
  if (to < 0) held("open %s", path);
  while ((length = read(from, block, sizeof block)) > 0) {
    if (write(to, block, length) != length) misused("write %s", path);
  }
  if (close(to) != 0 || length < 0) misused("copy to %s", path);
}

/* Puts CAP_SYS_ADMIN on a file, which it may with CAP_SETFCAP, and runs that. */
static void gain_by_file(char **arguments) {
  (void)arguments;
  const char *path = "/tmp/gain";
  copy_self(path);
  struct vfs_cap_data data = {.magic_etc = VFS_CAP_REVISION_2 | VFS_CAP_FLAGS_EFFECTIVE};
  data.data[0].permitted = 1 << CAP_SYS_ADMIN;
  if (setxattr(path, "security.capability", &data, XATTR_CAPS_SZ_2, 0) != 0) held("setxattr");
  execl(path, path, "show-gain", NULL);
  held("execve %s", path);
}

static void show_gain(char **arguments) {
  (void)arguments;
  if (!has_capability(CAP_SYS_ADMIN)) held_by("it has no CAP_SYS_ADMIN");
  escaped("got CAP_SYS_ADMIN");
}

/* FD of the program that set the container up. While that runs, ETXTBSY alone keeps it from being written. */
static void overwrite_runtime(char **arguments) {
  char path[64], name[4096] = {0};
  snprintf(path, sizeof path, "/proc/self/fd/%ld", number(arguments[0]));
  if (readlink(path, name, sizeof name - 1) < 0) held("readlink %s", path);
  if (open(path, O_WRONLY | O_CLOEXEC) < 0 && errno != ETXTBSY) held("open %s for writing", name);
  escaped("may write %s", name);
}

const struct attempt PRIVILEGES[] = {
    {"make-user-namespace", 0, make_user_namespace},
    {"become-root", 0, become_root},
    {"gain-by-file", 0, gain_by_file},
    {"show-gain", 0, show_gain},
    {"overwrite-runtime", 1, overwrite_runtime},
    {0},
};
