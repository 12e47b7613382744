#include "attempt.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/un.h>

/* PID */
static void trace(char **arguments) {
  pid_t process = number(arguments[0]);
  if (ptrace(PTRACE_SEIZE, process, 0, 0) != 0) held("ptrace");
  /* A tracer that ends lets go of its tracees, and leaves them running. */
  escaped("traced process %d", process);
}

/* PID ADDRESS: a byte of another process's memory. */
static void read_memory(char **arguments) {
  char byte;
  struct iovec here = {&byte, 1}, there = {(void *)number(arguments[1]), 1};
  if (process_vm_readv(number(arguments[0]), &here, 1, &there, 1, 0) != 1) held("process_vm_readv");
  escaped("read the memory of process %s", arguments[0]);
}

/* PID: nothing is sent, but it could be. */
static void send_signal(char **arguments) {
  if (kill(number(arguments[0]), 0) != 0) held("kill");
  escaped("could signal process %s", arguments[0]);
}

/* PID PATH TEXT: a file of another process's root. */
static void read_through_root(char **arguments) {
  char path[8192];
  snprintf(path, sizeof path, "/proc/%s/root%s", arguments[0], arguments[1]);
  find_text(open_or_held(path, O_RDONLY), path, arguments[2]);
}

/* PID PATH TEXT */
static void join_mounts(char **arguments) {
  char path[64];
  snprintf(path, sizeof path, "/proc/%s/ns/mnt", arguments[0]);
  if (setns(open_or_held(path, O_RDONLY), CLONE_NEWNS) != 0) held("setns");
  find_text(open_or_held(arguments[1], O_RDONLY), arguments[1], arguments[2]);
}

/* NAME of a socket without a file. */
static void connect_abstract(char **arguments) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  size_t length = strlen(arguments[0]);
  if (length + 1 > sizeof address.sun_path) misused("the name is too long");
  memcpy(address.sun_path + 1, arguments[0], length);
  int socket_ = socket(AF_UNIX, SOCK_STREAM, 0);
  if (socket_ < 0) held("socket");
  if (connect(socket_, (struct sockaddr *)&address, offsetof(struct sockaddr_un, sun_path) + 1 + length) != 0) held("connect");
  escaped("connected to @%s", arguments[0]);
}

/* PORT on 127.0.0.1 */
static void connect_loopback(char **arguments) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(number(arguments[0]))};
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  int socket_ = socket(AF_INET, SOCK_STREAM, 0);
  if (socket_ < 0) held("socket");
  if (connect(socket_, (struct sockaddr *)&address, sizeof address) != 0) held("connect");
  escaped("connected to port %s", arguments[0]);
}

/* ID of a segment of shared memory. */
static void attach_memory(char **arguments) {
  if (shmat(number(arguments[0]), NULL, SHM_RDONLY) == (void *)-1) held("shmat");
  escaped("attached segment %s", arguments[0]);
}

/* NAME: of the host, which keeps it. */
static void rename_host(char **arguments) {
  char name[65] = {0};
  gethostname(name, sizeof name - 1);
  if (strcmp(name, arguments[0]) != 0) held_by("it has another name");
  if (sethostname(name, strlen(name)) != 0) held("sethostname");
  escaped("named the host %s", name);
}

/* Every process makes two more, until none can be made. */
static void fork_bomb(char **arguments) {
  (void)arguments;
  alarm(0);
  for (;;) {
    if (fork() < 0) pause();
  }
}

/* MEBIBYTES */
static void fill_memory(char **arguments) {
  size_t length = number(arguments[0]) << 20;
  char *memory = mmap(NULL, length, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) held("mmap");
  memset(memory, 1, length);
  escaped("filled %s MiB", arguments[0]);
}

const struct attempt PROCESSES[] = {
    {"trace", 1, trace},
    {"read-memory", 2, read_memory},
    {"send-signal", 1, send_signal},
    {"read-through-root", 3, read_through_root},
    {"join-mounts", 3, join_mounts},
    {"connect-abstract", 1, connect_abstract},
    {"connect-loopback", 1, connect_loopback},
    {"attach-memory", 1, attach_memory},
    {"rename-host", 1, rename_host},
    {"fork-bomb", 0, fork_bomb},
    {"fill-memory", 1, fill_memory},
    {0},
};
