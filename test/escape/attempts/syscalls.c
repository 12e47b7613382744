#include "attempt.h"
#include <linux/bpf.h>
#include <linux/io_uring.h>
#include <linux/keyctl.h>
#include <linux/perf_event.h>
#include <sys/io.h>
#include <sys/klog.h>
#include <sys/socket.h>
#include <sys/swap.h>
#include <sys/timex.h>
#include <time.h>

/* By what came of a syscall. */
static _Noreturn void judge(long result, const char *name) {
  if (result < 0) held("%s", name);
  escaped("%s gave %ld", name, result);
}

/* The same for one that is given nonsense: it came through where the kernel complains of that. */
static _Noreturn void judge_nonsense(long result, const char *name) {
  if (result < 0 && (errno == EPERM || errno == EACCES || errno == ENOSYS)) held("%s", name);
  escaped("the kernel looked at what %s was given", name);
}

static void load_bpf(char **arguments) {
  (void)arguments;
  union bpf_attr attributes = {.map_type = BPF_MAP_TYPE_ARRAY, .key_size = 4, .value_size = 4, .max_entries = 1};
  judge(syscall(SYS_bpf, BPF_MAP_CREATE, &attributes, sizeof attributes), "bpf");
}

/* UFFD_USER_MODE_ONLY, which takes no capability. */
static void fault_handler(char **arguments) {
  (void)arguments;
  judge(syscall(SYS_userfaultfd, 1), "userfaultfd");
}

static void make_ring(char **arguments) {
  (void)arguments;
  struct io_uring_params parameters = {0};
  judge(syscall(SYS_io_uring_setup, 1, &parameters), "io_uring_setup");
}

/* Into its own process keyring, which goes with it. */
static void add_key(char **arguments) {
  (void)arguments;
  judge(syscall(SYS_add_key, "user", "escape", "x", 1, KEY_SPEC_PROCESS_KEYRING), "add_key");
}

/* NAME TEXT: a key in the keyring of its user id. */
static void read_key(char **arguments) {
  char content[256];
  long key = syscall(SYS_keyctl, KEYCTL_SEARCH, KEY_SPEC_USER_KEYRING, "user", arguments[0], 0);
  if (key < 0) held("keyctl search");
  long length = syscall(SYS_keyctl, KEYCTL_READ, key, content, sizeof content);
  if (length < 0) held("keyctl read");
  if (memmem(content, length, arguments[1], strlen(arguments[1])) == NULL) held_by("it is another key");
  escaped("read key %ld", key);
}

static void count_events(char **arguments) {
  (void)arguments;
  struct perf_event_attr attributes = {.type = PERF_TYPE_SOFTWARE, .size = sizeof attributes, .config = PERF_COUNT_SW_CPU_CLOCK};
  judge(syscall(SYS_perf_event_open, &attributes, 0, -1, -1, 0), "perf_event_open");
}

static void read_log(char **arguments) {
  (void)arguments;
  char text[256];
  judge(klogctl(3, text, sizeof text), "syslog");
}

/* FAMILY, a number, of a datagram or stream socket. */
static void open_socket(char **arguments) {
  int family = number(arguments[0]);
  int socket_ = socket(family, SOCK_STREAM, 0);
  if (socket_ < 0 && (errno == ESOCKTNOSUPPORT || errno == EPROTOTYPE)) socket_ = socket(family, SOCK_SEQPACKET, 0);
  judge(socket_, "socket");
}

/* By nothing. */
static void set_clock(char **arguments) {
  (void)arguments;
  struct timex change = {.modes = ADJ_SETOFFSET};
  judge(clock_adjtime(CLOCK_REALTIME, &change), "clock_adjtime");
}

static void use_ports(char **arguments) {
  (void)arguments;
  judge(ioperm(0x80, 1, 1), "ioperm");
}

static void load_module(char **arguments) {
  (void)arguments;
  judge_nonsense(syscall(SYS_init_module, NULL, 0, ""), "init_module");
}

/* Without the numbers that reboot(2) wants. */
static void restart(char **arguments) {
  (void)arguments;
  judge_nonsense(syscall(SYS_reboot, 0, 0, 0, NULL), "reboot");
}

static void add_swap(char **arguments) {
  (void)arguments;
  judge_nonsense(swapon("/no/such/file", 0), "swapon");
}

/* A lower niceness than it has. */
static void hurry(char **arguments) {
  (void)arguments;
  errno = 0;
  if (nice(-5) == -1 && errno != 0) held("nice");
  escaped("goes before others");
}

const struct attempt SYSCALLS[] = {
    {"bpf", 0, load_bpf},
    {"userfaultfd", 0, fault_handler},
    {"io-uring", 0, make_ring},
    {"add-key", 0, add_key},
    {"read-key", 2, read_key},
    {"perf-event", 0, count_events},
    {"read-log", 0, read_log},
    {"socket", 1, open_socket},
    {"set-clock", 0, set_clock},
    {"use-ports", 0, use_ports},
    {"load-module", 0, load_module},
    {"restart", 0, restart},
    {"add-swap", 0, add_swap},
    {"hurry", 0, hurry},
    {0},
};
