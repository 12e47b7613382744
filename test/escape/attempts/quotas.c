/* What the kernel counts by user: a program takes all of it, and others see what is left. */
#include "attempt.h"
#include <mqueue.h>
#include <signal.h>
#include <sys/inotify.h>
#include <time.h>

static int take_inotify(void) { return inotify_init1(IN_CLOEXEC); }

static int take_timer(void) {
  timer_t timer;
  struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGRTMIN};
  return timer_create(CLOCK_MONOTONIC, &event, &timer);
}

/* The signal is blocked, and so stays in the queue. */
static int take_signal(void) {
  sigset_t blocked;
  sigemptyset(&blocked);
  sigaddset(&blocked, SIGRTMIN);
  if (sigprocmask(SIG_BLOCK, &blocked, NULL) != 0) return -1;
  return sigqueue(getpid(), SIGRTMIN, (union sigval){0});
}

static int take_queue(void) {
  static int taken;
  char name[64];
  snprintf(name, sizeof name, "/attempt-%d-%d", getpid(), taken++);
  int queue = mq_open(name, O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0600, NULL);
  /* The queue lives as long as its descriptor. */
  if (queue >= 0) mq_unlink(name);
  return queue;
}

static int take_terminal(void) { return posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC); }

/* Each ends at once, and stays as long as nobody reaps it. */
static int take_process(void) {
  pid_t child = fork();
  if (child == 0) _exit(0);
  return child;
}

static const struct kind {
  const char *name;
  int (*take)(void);
} KINDS[] = {{"inotify", take_inotify}, {"timers", take_timer}, {"signals", take_signal}, {"queues", take_queue}, {"terminals", take_terminal}, {"processes", take_process}};

static const struct kind *kind_of(const char *name) {
  for (size_t i = 0; i < sizeof KINDS / sizeof *KINDS; i++) {
    if (strcmp(KINDS[i].name, name) == 0) return &KINDS[i];
  }
  misused("there is no kind %s", name);
}

/* KIND: takes until it is refused, and keeps that until it is killed. */
static void hoard(char **arguments) {
  const struct kind *kind = kind_of(arguments[0]);
  long taken = 0;
  alarm(0);
  while (kind->take() >= 0) taken++;
  printf("took %ld %s: %s\n", taken, kind->name, strerrorname_np(errno));
  fflush(stdout);
  for (;;) pause();
}

/* KIND COUNT */
static void take(char **arguments) {
  const struct kind *kind = kind_of(arguments[0]);
  long count = number(arguments[1]);
  for (long i = 0; i < count; i++) {
    if (kind->take() < 0) held("take %s after %ld", kind->name, i);
  }
  escaped("took %ld %s", count, kind->name);
}

const struct attempt QUOTAS[] = {{"hoard", 1, hoard}, {"take", 2, take}, {0}};
