/* Runs each command that comes on stdin, words divided by tabs, and answers with wall ns, cpu us, peak kB and status. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static long long now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1000000000LL + t.tv_nsec;
}

static long long us(struct timeval t) { return t.tv_sec * 1000000LL + t.tv_usec; }

int main(void) {
  char *line = NULL;
  size_t size = 0;
  while (getline(&line, &size, stdin) > 0) {
    char *words[256];
    int count = 0;
    for (char *word = strtok(line, "\t\n"); word != NULL && count < 255; word = strtok(NULL, "\t\n")) words[count++] = word;
    words[count] = NULL;
    long long from = now();
    pid_t pid = vfork();
    if (pid == 0) {
      int null = open("/dev/null", O_RDWR);
      dup2(null, 0), dup2(null, 1), dup2(null, 2);
      execvp(words[0], words);
      _exit(127);
    }
    int status = 0;
    struct rusage usage;
    wait4(pid, &status, 0, &usage);
    long long wall = now() - from;
    printf("%lld %lld %ld %d\n", wall, us(usage.ru_utime) + us(usage.ru_stime), usage.ru_maxrss, status);
    fflush(stdout);
  }
  return 0;
}
