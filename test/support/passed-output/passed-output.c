/*
 * A container's output in the hands of another one. `pass SOCKET` sends its stdout over the socket, and ends when that is in use;
 * `flood SOCKET` takes it, enlarges the pipe, and writes newlines into it without ever waiting, by several processes.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

static const int WRITERS = 4;
static const int PIPE_BYTES = 1024 * 1024;
static char newlines[64 * 1024];

static int fail(const char *what) {
  printf("%s: %s\n", what, strerror(errno));
  return 1;
}

static int pass(int end, struct sockaddr_un *address) {
  while (connect(end, (struct sockaddr *)address, sizeof *address) != 0) usleep(1000);
  char space[CMSG_SPACE(sizeof(int))] = {0}, byte = 0;
  struct iovec part = {&byte, 1};
  struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = space, .msg_controllen = sizeof space};
  struct cmsghdr *control = CMSG_FIRSTHDR(&message);
  control->cmsg_level = SOL_SOCKET;
  control->cmsg_type = SCM_RIGHTS;
  control->cmsg_len = CMSG_LEN(sizeof(int));
  *(int *)CMSG_DATA(control) = 1;
  if (sendmsg(end, &message, 0) != 1) return fail("sendmsg");
  return read(end, &byte, 1) == 1 ? 0 : fail("read");
}

static int flood(int end, struct sockaddr_un *address) {
  umask(0);
  if (bind(end, (struct sockaddr *)address, sizeof *address) != 0 || listen(end, 1) != 0) return fail("bind");
  int peer = accept(end, 0, 0);
  char space[CMSG_SPACE(sizeof(int))], byte = 0;
  struct iovec part = {&byte, 1};
  struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = space, .msg_controllen = sizeof space};
  if (recvmsg(peer, &message, 0) != 1) return fail("recvmsg");
  int output = *(int *)CMSG_DATA(CMSG_FIRSTHDR(&message));
  if (fcntl(output, F_SETPIPE_SZ, PIPE_BYTES) < 0) return fail("F_SETPIPE_SZ");
  if (fcntl(output, F_SETFL, O_WRONLY | O_NONBLOCK) != 0) return fail("F_SETFL");
  memset(newlines, '\n', sizeof newlines);
  printf("floods\n");
  fflush(stdout);
  int isFirst = 1;
  for (int i = 1; i < WRITERS && isFirst; i++) isFirst = fork() != 0;
  for (int i = 0; write(output, newlines, sizeof newlines) >= 0 || errno == EAGAIN; i++)
    if (isFirst && i == 0 && write(peer, &byte, 1) != 1) return fail("write");
  return fail("write");
}

int main(int count, char **args) {
  if (count != 3) return 2;
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  strncpy(address.sun_path, args[2], sizeof address.sun_path - 1);
  int end = socket(AF_UNIX, SOCK_STREAM, 0);
  return strcmp(args[1], "pass") == 0 ? pass(end, &address) : flood(end, &address);
}
