/*
 * Compiles filters with libseccomp, as it is told on standard input:
 *
 *   filter DEFAULT
 *   rule ACTION NAME NUMBER COUNT [INDEX OP A B]...
 *   write PATH
 *
 * Says `number NAME NUMBER` of a name that libseccomp has another number for, and `refused NAME ERRNO` of a rule that it
 * does not take. A name that is newer than libseccomp goes by its number.
 */
#include <err.h>
#include <fcntl.h>
#include <inttypes.h>
#include <seccomp.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static scmp_filter_ctx begin(void) {
  unsigned int action;
  if (scanf("%x", &action) != 1) errx(1, "no default");
  scmp_filter_ctx filter = seccomp_init(action);
  if (filter == NULL) errx(1, "the default %x is not taken", action);
  if (seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS) != 0) errx(1, "no KILL_PROCESS");
  return filter;
}

static void add_rule(scmp_filter_ctx filter) {
  unsigned int action, count;
  int number;
  char name[64];
  struct scmp_arg_cmp arguments[6];
  if (scanf("%x %63s %d %u", &action, name, &number, &count) != 4 || count > 6) errx(1, "not a rule");
  for (unsigned int i = 0; i < count; i++) {
    unsigned int index, op;
    uint64_t a, b;
    if (scanf("%u %u %" SCNu64 " %" SCNu64, &index, &op, &a, &b) != 4) errx(1, "not an argument");
    arguments[i] = (struct scmp_arg_cmp){index, (enum scmp_compare)op, a, b};
  }
  int known = seccomp_syscall_resolve_name(name);
  if (known != __NR_SCMP_ERROR && known != number) printf("number %s %d\n", name, known);
  int error = seccomp_rule_add_array(filter, action, number, count, arguments);
  if (error != 0) printf("refused %s %d\n", name, -error);
}

static void finish(scmp_filter_ctx filter) {
  char path[4096];
  if (scanf("%4095s", path) != 1) errx(1, "no path");
  int file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (file < 0) err(1, "%s", path);
  if (seccomp_export_bpf(filter, file) != 0) errx(1, "%s is not written", path);
  close(file);
  seccomp_release(filter);
}

int main(void) {
  scmp_filter_ctx filter = NULL;
  char word[16];
  while (scanf("%15s", word) == 1) {
    if (strcmp(word, "filter") == 0) filter = begin();
    else if (strcmp(word, "rule") == 0) add_rule(filter);
    else if (strcmp(word, "write") == 0) finish(filter);
    else errx(1, "%s is not an order", word);
  }
  return 0;
}
