#include "attempt.h"
#include <ftw.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

/* PATH TEXT */
static void read_text(char **arguments) { find_text(open_or_held(arguments[0], O_RDONLY), arguments[0], arguments[1]); }

/* PATH: anything at all of it. Of the kernel's log a whole message, since it gives no part of one. */
static void read_any(char **arguments) {
  char content[8192];
  ssize_t length = read(open_or_held(arguments[0], O_RDONLY | O_NONBLOCK), content, sizeof content);
  if (length < 0) held("read %s", arguments[0]);
  if (length == 0) held_by("%s is empty", arguments[0]);
  escaped("read %s", arguments[0]);
}

/* PATH: a device may have nothing in it. */
static void open_for_reading(char **arguments) {
  open_or_held(arguments[0], O_RDONLY | O_NONBLOCK);
  escaped("opened %s", arguments[0]);
}

/* PATH */
static void open_for_writing(char **arguments) {
  open_or_held(arguments[0], O_WRONLY);
  escaped("opened %s for writing", arguments[0]);
}

static long files_seen;

/* All processes below are the container's own. */
static int is_process(const char *path) {
  const char *name = path + strlen("/proc/");
  return strncmp(path, "/proc/", strlen("/proc/")) == 0 && *name >= '0' && *name <= '9';
}

static int open_either_way(const char *path, const struct stat *status, int kind, struct FTW *place) {
  (void)place;
  if (is_process(path)) return kind == FTW_D ? FTW_SKIP_SUBTREE : FTW_CONTINUE;
  /* A mask is the container's own /dev/null. */
  if (kind != FTW_F || !S_ISREG(status->st_mode)) return FTW_CONTINUE;
  files_seen++;
  const int ways[] = {O_WRONLY, O_RDWR};
  for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
    if (open(path, ways[i] | O_NONBLOCK | O_NOCTTY | O_CLOEXEC) >= 0) escaped("opened %s for writing", path);
  }
  return FTW_CONTINUE;
}

/* DIRECTORY: any file below it, but those of processes. */
static void open_any_for_writing(char **arguments) {
  if (nftw(arguments[0], open_either_way, 64, FTW_PHYS | FTW_ACTIONRETVAL) != 0) misused("nftw %s", arguments[0]);
  held_by("none of %ld files below %s opens for writing", files_seen, arguments[0]);
}

/* Writes the value back that it has: the proof changes nothing. */
static void write_back(const char *path) {
  char value[4096];
  int file = open_or_held(path, O_WRONLY);
  ssize_t length = read(open_or_held(path, O_RDONLY), value, sizeof value);
  if (length < 0) held("read %s", path);
  if (length == 0) held_by("%s is empty", path);
  if (write(file, value, length) < 0) held("write %s", path);
  escaped("wrote %s", path);
}

/* PATH */
static void rewrite(char **arguments) { write_back(arguments[0]); }

/* PATH MEBIBYTES */
static void fill(char **arguments) {
  static char block[1 << 20];
  int file = open_or_held(arguments[0], O_WRONLY | O_CREAT);
  for (long i = number(arguments[1]); i > 0; i--) {
    ssize_t length = write(file, block, sizeof block);
    if (length < 0) held("write %s", arguments[0]);
    if (length < (ssize_t)sizeof block) errno = ENOSPC, held("write %s", arguments[0]);
  }
  escaped("wrote %s MiB to %s", arguments[1], arguments[0]);
}

/* From here on addresses are the kernel's (x86-64, arm64). */
#define KERNEL_HALF (1ul << 63)

/* Addresses of the kernel's own code and data, which defeat the randomisation of its layout. */
static void kernel_addresses(char **arguments) {
  (void)arguments;
  unsigned long address = 0;
  FILE *symbols = fopen("/proc/kallsyms", "re");
  if (symbols == NULL) held("open /proc/kallsyms");
  char line[4096];
  /* The first are offsets into each processor's own data, from zero on, whoever reads them. */
  while (address < KERNEL_HALF && fgets(line, sizeof line, symbols) != NULL) address = strtoul(line, NULL, 16);
  if (address < KERNEL_HALF) held_by("no address of the kernel's is shown");
  escaped("the kernel is at %lx", address);
}

/* Goes into a new mount. */
static void mount_new(const char *type, const char *options) {
  const char *target = "/tmp/mounted";
  mkdir(target, 0755);
  if (mount("none", target, type, 0, options) != 0) held("mount %s", type);
  if (chdir(target) != 0) misused("chdir");
}

/* TYPE OPTIONS FILE: its own value to a file of what it has mounted. */
static void mount_and_rewrite(char **arguments) {
  mount_new(arguments[0], arguments[1]);
  write_back(arguments[2]);
}

/* TYPE OPTIONS FILE VALUE */
static void mount_and_write(char **arguments) {
  mount_new(arguments[0], arguments[1]);
  int file = open_or_held(arguments[2], O_WRONLY);
  if (write(file, arguments[3], strlen(arguments[3])) < 0) held("write %s", arguments[2]);
  escaped("wrote %s to %s", arguments[3], arguments[2]);
}

/* TYPE OPTIONS FILE */
static void mount_and_open(char **arguments) {
  mount_new(arguments[0], arguments[1]);
  open_for_reading(arguments + 2);
}

/* PATH: of a mask, which is taken away. */
static void unmask(char **arguments) {
  if (umount2(arguments[0], MNT_DETACH) != 0) held("umount %s", arguments[0]);
  escaped("unmounted %s", arguments[0]);
}

/* b|c MAJOR MINOR */
static void make_device(char **arguments) {
  char *path[] = {"/tmp/device"};
  mode_t kind = *arguments[0] == 'b' ? S_IFBLK : S_IFCHR;
  if (mknod(path[0], kind | 0600, makedev(number(arguments[1]), number(arguments[2]))) != 0) held("mknod");
  open_for_reading(path);
}

/* Of the handle TYPE HEX, on the file system that `beside` is on. */
static int file_of_handle(int beside, char **arguments) {
  struct {
    struct file_handle head;
    unsigned char bytes[MAX_HANDLE_SZ];
  } handle = {0};
  const char *hex = arguments[1];
  handle.head.handle_type = number(arguments[0]);
  handle.head.handle_bytes = strlen(hex) / 2;
  if (handle.head.handle_bytes > MAX_HANDLE_SZ) misused("the handle is too long");
  for (unsigned i = 0; i < handle.head.handle_bytes; i++) {
    if (sscanf(hex + 2 * i, "%2hhx", &handle.head.f_handle[i]) != 1) misused("the handle is not hexadecimal");
  }
  int file = open_by_handle_at(beside, &handle.head, O_RDONLY);
  if (file < 0) held("open_by_handle_at");
  return file;
}

/* TYPE HEX TEXT: the file with that handle, on the file system that standard output is on: a FIFO of the host's. */
static void open_by_handle(char **arguments) {
  find_text(file_of_handle(STDOUT_FILENO, arguments), "what is there by its handle", arguments[2]);
}

/* TYPE HEX DIRECTORY: a directory with that handle, on the file system of this one. */
static void open_directory_by_handle(char **arguments) {
  int beside = open_or_held(arguments[2], O_RDONLY | O_DIRECTORY);
  int directory = file_of_handle(beside, arguments);
  escaped("opened a directory beside %s as %d", arguments[2], directory);
}

/* PATH: made, and removed again. */
static void make_directory(char **arguments) {
  if (mkdir(arguments[0], 0755) != 0) held("mkdir %s", arguments[0]);
  if (rmdir(arguments[0]) != 0) misused("rmdir %s", arguments[0]);
  escaped("made %s", arguments[0]);
}

/* MOUNT FILE: below that mount, which is remounted without "read-only" and all else that it has. */
static void remount_and_open(char **arguments) {
  if (mount(NULL, arguments[0], NULL, MS_REMOUNT | MS_BIND, NULL) != 0) held("remount %s", arguments[0]);
  open_for_writing(arguments + 1);
}

/* PATH TEXT: the working directory stays outside of the new root, and from there it goes up as far as there is. */
static void break_chroot(char **arguments) {
  mkdir("/breakout", 0755);
  int start = open_or_held("/", O_PATH | O_DIRECTORY);
  if (chroot("/breakout") != 0) held("chroot");
  if (fchdir(start) != 0) misused("fchdir");
  for (int i = 0; i < 64; i++) {
    if (chdir("..") != 0) held("chdir ..");
  }
  if (chroot(".") != 0) held("chroot");
  read_text(arguments);
}

const struct attempt FILES[] = {
    {"read", 2, read_text},
    {"read-any", 1, read_any},
    {"open", 1, open_for_reading},
    {"open-for-writing", 1, open_for_writing}, {"open-any-for-writing", 1, open_any_for_writing},
    {"rewrite", 1, rewrite},
    {"fill", 2, fill},
    {"kernel-addresses", 0, kernel_addresses},
    {"mount-and-rewrite", 3, mount_and_rewrite},
    {"mount-and-write", 4, mount_and_write},
    {"mount-and-open", 3, mount_and_open},
    {"unmask", 1, unmask},
    {"make-device", 3, make_device},
    {"open-by-handle", 3, open_by_handle},
    {"open-directory-by-handle", 3, open_directory_by_handle},
    {"make-directory", 1, make_directory},
    {"remount-and-open", 2, remount_and_open},
    {"break-chroot", 2, break_chroot},
    {0},
};
