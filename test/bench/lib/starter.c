/*
 * Starts a container, waits for it and removes its cgroup, once for each line on its standard input, and writes how many
 * nanoseconds that took. What it calls is generated of our own programs, and included.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static unsigned char *shared;
/* The numbers that the generated programs have for these. Standard streams, a user and a network namespace are before. */
enum { RECEIVE = 5, SEND, CGROUP };

/*
 * -errno where it fails. Not syscall(3): a child that shares its parent's memory, and so its stack, must not return from where
 * the parent still is (vfork(2)).
 */
static inline __attribute__((always_inline)) long call(long number, long a, long b, long c, long d, long e, long f) {
  register long r10 __asm__("r10") = d, r8 __asm__("r8") = e, r9 __asm__("r9") = f;
  long result;
  __asm__ volatile("syscall"
                   : "=a"(result)
                   : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
                   : "rcx", "r11", "memory");
  return result;
}

/* In whichever process. */
static void failed(int step, long error) { dprintf(2, "step %d: error %ld\n", step, error); }

#include "generated.h"

static long long now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * 1000000000ll + time.tv_nsec;
}

static void check(const char *what, int step) {
  if (step == 0) return;
  fprintf(stderr, "%s: step %d\n", what, step);
  exit(1);
}

static int wait_for(int pid) {
  int status = -1;
  if (pid <= 0 || waitpid(pid, &status, __WALL) != pid) check("wait", pid);
  return status;
}

int main(void) {
  char line[16];
  shared = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (shared == MAP_FAILED) check("share memory", 1);
  while (fgets(line, sizeof line, stdin) != NULL) {
    int *first = (int *)FIRST, *intermediate = (int *)INTERMEDIATE;
    *first = *intermediate = 0;
    long long from = now();
    check("make the cgroup", make_cgroup());
    int pair[2] = {-1, -1};
    socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair);
    int cgroup = UNIFIED == NULL ? -1 : open(UNIFIED, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    check("descriptors", pair[0] != RECEIVE || pair[1] != SEND || (UNIFIED != NULL && cgroup != CGROUP));
    check("start", start());
    if (cgroup >= 0) close(cgroup);
    char byte;
    long control[8];
    struct iovec part = {&byte, 1};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
    check("the mounts", recvmsg(RECEIVE, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC) != 1);
    close(RECEIVE);
    close(SEND);
    int status = wait_for(*first);
    check("remove the cgroup", remove_cgroup());
    long long took = now() - from;
    /* As ours: it has been over for long, and nobody waits for it. */
    wait_for(*intermediate);
    close_range(RECEIVE, ~0U, 0);
    if (status != 0) check("the command", status);
    printf("%lld\n", took);
    fflush(stdout);
  }
}
