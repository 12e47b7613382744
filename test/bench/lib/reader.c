/* The plain C reader that the sampler is measured against: files opened once, pread at offset 0 each round, numbers summed so
 * that nothing is optimized away. Paths on standard input, one a line; arguments: files a cgroup, rounds.
 * Prints the median microseconds of a cgroup in a round. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static int by_value(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1e6 + t.tv_nsec / 1e3;
}

int main(int argc, char **argv) {
  if (argc != 3) return 2;
  int files_each = atoi(argv[1]), rounds = atoi(argv[2]), n = 0, room = 1024;
  int *fds = malloc(room * sizeof *fds);
  double *took = malloc(rounds * sizeof *took);
  char line[4096], buffer[8192];
  while (fgets(line, sizeof line, stdin)) {
    line[strcspn(line, "\n")] = 0;
    if (n == room) fds = realloc(fds, (room *= 2) * sizeof *fds);
    fds[n] = open(line, O_RDONLY | O_CLOEXEC);
    if (fds[n] >= 0) n++;
  }
  unsigned long long sum = 0;
  for (int r = 0; r < rounds; r++) {
    double from = now();
    for (int i = 0; i < n; i++) {
      ssize_t length = pread(fds[i], buffer, sizeof buffer - 1, 0);
      if (length <= 0) continue;
      buffer[length] = 0;
      for (char *p = buffer; *p;) {
        if (*p >= '0' && *p <= '9') sum += strtoull(p, &p, 10);
        else p++;
      }
    }
    took[r] = (now() - from) / ((double)n / files_each);
  }
  qsort(took, rounds, sizeof *took, by_value);
  printf("%.2f %llu\n", took[rounds / 2], sum);
  return 0;
}
