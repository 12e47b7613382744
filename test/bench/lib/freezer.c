/* Freezes and thaws a cgroup as fast as a plain program can, and prints for each round the nanoseconds from the write to
   the kernel's word that it is done. freezer DIRECTORY ROUNDS */
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static long long now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1000000000LL + t.tv_nsec;
}

static int freeze_file, events_file;

static int frozen(void) {
  char text[128];
  ssize_t n = pread(events_file, text, sizeof text - 1, 0);
  if (n < 0) exit(3);
  text[n] = 0;
  char *at = strstr(text, "frozen ");
  return at && at[7] == '1';
}

static long long set(int wanted) {
  long long from = now();
  if (pwrite(freeze_file, wanted ? "1" : "0", 1, 0) != 1) exit(4);
  while (frozen() != wanted)
    ;
  return now() - from;
}

int main(int argc, char **argv) {
  char path[4096];
  if (argc != 3) return 2;
  snprintf(path, sizeof path, "%s/cgroup.freeze", argv[1]);
  freeze_file = open(path, O_WRONLY);
  snprintf(path, sizeof path, "%s/cgroup.events", argv[1]);
  events_file = open(path, O_RDONLY);
  if (freeze_file < 0 || events_file < 0) return 3;
  for (int round = 0; round < atoi(argv[2]); round++) {
    long long freeze = set(1);
    long long thaw = set(0);
    printf("%lld %lld\n", freeze, thaw);
  }
  return 0;
}
