/*
 * Attempts to get out of a container, each a word on the command line. The last line of output is the verdict, and the exit
 * code says the same: 0 it is out, 1 it was held, with the errno that held it; 2 it was called wrongly.
 */
#ifndef ATTEMPT_H
#define ATTEMPT_H

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

struct attempt {
  const char *name;
  int arguments;
  void (*run)(char **arguments);
};

extern const struct attempt FILES[], PROCESSES[], PRIVILEGES[], SYSCALLS[], HOST[], QUOTAS[];

_Noreturn void escaped(const char *format, ...);
/* With errno. */
_Noreturn void held(const char *format, ...);
/* By what was found, where no call was refused. */
_Noreturn void held_by(const char *format, ...);
_Noreturn void misused(const char *format, ...);

/* A number, or misused. */
long number(const char *text);
/* Opens, or is held. */
int open_or_held(const char *path, int flags);
/* Escaped where the file has this text in it, held otherwise. */
_Noreturn void find_text(int file, const char *path, const char *text);

#endif
