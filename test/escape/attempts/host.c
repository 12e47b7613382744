/* What the test itself does on the host, for the attempts to have something to get at. */
#include "attempt.h"
#include <linux/keyctl.h>
#include <sys/ipc.h>
#include <sys/shm.h>

/* PATH: its handle, as open-by-handle takes it. */
static void handle_of(char **arguments) {
  struct {
    struct file_handle head;
    unsigned char bytes[MAX_HANDLE_SZ];
  } handle = {.head.handle_bytes = MAX_HANDLE_SZ};
  int mount_;
  if (name_to_handle_at(AT_FDCWD, arguments[0], &handle.head, &mount_, 0) != 0) held("name_to_handle_at");
  printf("%d ", handle.head.handle_type);
  for (unsigned i = 0; i < handle.head.handle_bytes; i++) printf("%02x", handle.head.f_handle[i]);
  printf("\n");
}

/* Everything to the owner, whether or not he has found it by his own keyrings. */
static const int OF_THE_USER = 0x3f3f0000;

/* NAME TEXT: a key of this user's; its id. */
static void place_key(char **arguments) {
  long key = syscall(SYS_add_key, "user", arguments[0], arguments[1], strlen(arguments[1]), KEY_SPEC_USER_KEYRING);
  if (key < 0) held("add_key");
  if (syscall(SYS_keyctl, KEYCTL_SETPERM, key, OF_THE_USER) != 0) held("keyctl setperm");
  printf("%ld\n", key);
}

/* ID */
static void remove_key(char **arguments) {
  if (syscall(SYS_keyctl, KEYCTL_UNLINK, number(arguments[0]), KEY_SPEC_USER_KEYRING) != 0) held("keyctl unlink");
}

/* A segment of shared memory; its id. */
static void place_memory(char **arguments) {
  (void)arguments;
  int id = shmget(IPC_PRIVATE, 4096, IPC_CREAT | 0600);
  if (id < 0) held("shmget");
  printf("%d\n", id);
}

/* ID */
static void remove_memory(char **arguments) {
  if (shmctl(number(arguments[0]), IPC_RMID, NULL) != 0) held("shmctl");
}

/* A B: lets each take the other's place, over and over, until it is killed. */
static void swap_names(char **arguments) {
  alarm(0);
  for (;;) {
    if (renameat2(AT_FDCWD, arguments[0], AT_FDCWD, arguments[1], RENAME_EXCHANGE) != 0) held("renameat2");
  }
}

const struct attempt HOST[] = {
    {"handle-of", 1, handle_of},       {"place-key", 2, place_key},         {"remove-key", 1, remove_key},
    {"place-memory", 0, place_memory}, {"remove-memory", 1, remove_memory}, {"swap-names", 2, swap_names},
    {0},
};
