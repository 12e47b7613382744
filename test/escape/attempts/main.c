#include "attempt.h"
#include <signal.h>

static const int PATIENCE_S = 60;

static void end(const char *verdict, int reason, const char *format, va_list arguments) {
  printf("%s: ", verdict);
  vprintf(format, arguments);
  if (reason != 0) printf(": %s", strerrorname_np(reason));
  printf("\n");
  fflush(stdout);
}

void escaped(const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  end("escaped", 0, format, arguments);
  _exit(0);
}

void held(const char *format, ...) {
  int reason = errno;
  va_list arguments;
  va_start(arguments, format);
  end("held", reason, format, arguments);
  _exit(1);
}

void held_by(const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  end("held", 0, format, arguments);
  _exit(1);
}

void misused(const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  end("misused", errno, format, arguments);
  _exit(2);
}

long number(const char *text) {
  char *rest;
  long value = strtol(text, &rest, 0);
  if (*text == 0 || *rest != 0) misused("%s is no number", text);
  return value;
}

int open_or_held(const char *path, int flags) {
  int file = open(path, flags | O_CLOEXEC | O_NOCTTY);
  if (file < 0) held("open %s", path);
  return file;
}

void find_text(int file, const char *path, const char *text) {
  char content[4096];
  ssize_t length = read(file, content, sizeof content);
  if (length < 0) held("read %s", path);
  if (length == 0) held_by("%s is empty", path);
  if (memmem(content, length, text, strlen(text)) == NULL) held_by("%s is another file", path);
  escaped("read %s", path);
}

/* The first process of a pid namespace has no signal's default action (pid_namespaces(7)): it takes a handler. */
static void give_up(int signal) {
  (void)signal;
  _exit(3);
}

static int run(const struct attempt *family, int count, char **words) {
  for (; family->name != NULL; family++) {
    if (strcmp(family->name, words[0]) != 0) continue;
    if (count - 1 != family->arguments) misused("%s takes %d arguments", words[0], family->arguments);
    family->run(words + 1);
    return 1;
  }
  return 0;
}

int main(int count, char **words) {
  if (count < 2) misused("no attempt is named");
  signal(SIGALRM, give_up);
  alarm(PATIENCE_S);
  const struct attempt *families[] = {FILES, PROCESSES, PRIVILEGES, SYSCALLS, HOST, QUOTAS};
  for (size_t i = 0; i < sizeof families / sizeof *families; i++) {
    if (run(families[i], count - 1, words + 1)) return 0;
  }
  misused("there is no attempt %s", words[1]);
}
