/*
 * Starts a container, waits for it and removes its cgroup, once for each line on its standard input, and writes how many
 * nanoseconds that took. What it calls is generated of our own programs, and included.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static long cgroup_fd = -1, user_fd = 3, network_fd = 4;
static unsigned char *shared;

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
  (void)user_fd, (void)network_fd;
  shared = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (shared == MAP_FAILED) check("share memory", 1);
  while (fgets(line, sizeof line, stdin) != NULL) {
    int *first = (int *)FIRST, *intermediate = (int *)INTERMEDIATE;
    *first = *intermediate = 0;
    long long from = now();
    check("make the cgroup", make_cgroup());
    if (UNIFIED != NULL) cgroup_fd = open(UNIFIED, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    check("start", start());
    if (cgroup_fd >= 0) close(cgroup_fd);
    wait_for(*intermediate);
    int status = wait_for(*first);
    check("remove the cgroup", remove_cgroup());
    long long took = now() - from;
    if (status != 0) check("the command", status);
    printf("%lld\n", took);
    fflush(stdout);
  }
}
