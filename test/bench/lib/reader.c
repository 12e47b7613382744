/* The plain C reader that the sampler is measured against. Files of the base are opened once and read with pread at offset 0
 * each round; those of the detail are opened, read and closed, of one cgroup in ten each round. Every number is parsed, and
 * summed so that nothing is optimized away. Paths on standard input, one a line: for each cgroup its base, then its detail.
 * Arguments: files of the base, files of the detail, rounds. Prints the microseconds of cpu time of a cgroup in a round. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define TURNS 10

static unsigned long long sum = 0;
static char buffer[16384];

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return t.tv_sec * 1e6 + t.tv_nsec / 1e3;
}

static void take(int fd) {
  ssize_t length = pread(fd, buffer, sizeof buffer - 1, 0);
  if (length <= 0) return;
  buffer[length] = 0;
  for (char *p = buffer; *p;) {
    if (*p >= '0' && *p <= '9') sum += strtoull(p, &p, 10);
    else p++;
  }
}

int main(int argc, char **argv) {
  if (argc != 4) return 2;
  int base = atoi(argv[1]), detail = atoi(argv[2]), rounds = atoi(argv[3]), n = 0, room = 1024;
  char **paths = malloc(room * sizeof *paths), line[4096];
  while (fgets(line, sizeof line, stdin)) {
    line[strcspn(line, "\n")] = 0;
    if (n == room) paths = realloc(paths, (room *= 2) * sizeof *paths);
    paths[n++] = strdup(line);
  }
  int each = base + detail, cgroups = n / each;
  int *fds = malloc(cgroups * base * sizeof *fds);
  for (int i = 0; i < cgroups * base; i++) fds[i] = open(paths[i / base * each + i % base], O_RDONLY | O_CLOEXEC);
  double from = now();
  for (int r = 0; r < rounds; r++) {
    for (int i = 0; i < cgroups * base; i++) take(fds[i]);
    for (int c = r % TURNS; c < cgroups; c += TURNS) {
      for (int i = 0; i < detail; i++) {
        int fd = open(paths[c * each + base + i], O_RDONLY | O_CLOEXEC);
        if (fd < 0) continue;
        take(fd);
        close(fd);
      }
    }
  }
  printf("%.2f %llu\n", (now() - from) / rounds / cgroups, sum);
  return 0;
}
