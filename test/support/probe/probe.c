/* What no tool of an image tells: asked of the kernel from inside a container. One question a run, its answer on a line. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define KEYCTL_READ 11
#define KEY_SPEC_SESSION_KEYRING -3

static long long nanoseconds(clockid_t clock) {
  struct timespec now;
  clock_gettime(clock, &now);
  return now.tv_sec * 1000000000LL + now.tv_nsec;
}

int main(int count, char **args) {
  const char *question = count > 1 ? args[1] : "";
  if (strcmp(question, "clocks") == 0) {
    printf("%lld %lld %lld\n", nanoseconds(CLOCK_REALTIME), nanoseconds(CLOCK_MONOTONIC), nanoseconds(CLOCK_BOOTTIME));
  } else if (strcmp(question, "keys") == 0) {
    /* Bytes of key ids in the session keyring. */
    printf("%ld\n", syscall(SYS_keyctl, KEYCTL_READ, KEY_SPEC_SESSION_KEYRING, 0, 0, 0));
  } else if (strcmp(question, "trace") == 0) {
    long answer = ptrace(PTRACE_SEIZE, atoi(args[2]), 0, 0);
    printf("%s\n", answer == 0 ? "traced" : strerror(errno));
  } else {
    return 2;
  }
  return 0;
}
