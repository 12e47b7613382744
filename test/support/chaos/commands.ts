import type { CreateContainerInput } from '@plimsoll/protocol';

/** What the shell of a container does. `/effects/$0` has a line for each of its starts. */

interface ShortLived {
  script: string;
  exitCode: number;
  request?: CreateContainerInput;
}

export const SHORT_LIVED: readonly ShortLived[] = [
  { script: 'exit 0', exitCode: 0 },
  { script: 'sleep 0.2; exit 3', exitCode: 3 },
  // Process 1 of a pid namespace cannot kill itself (pid_namespaces(7)).
  { script: 'kill -KILL $$', exitCode: 137, request: { namespaces: { user: 'host', pid: 'host' } } },
];

/** User and system time of a process are whole ticks of 10 ms, by proc_pid_stat(5) fields 14 and 15. */
const BURNT_TICKS = 20;
/** The ticks are a share of the exact count of nanoseconds, rounded. */
export const BURNT_NS = BigInt(BURNT_TICKS - 2) * 10_000_000n;
const FIELDS = `${'_ '.repeat(13)}user system _`;
export const BURNING = `user=0 system=0; while [ $((user + system)) -lt ${BURNT_TICKS} ]; do read -r ${FIELDS} < /proc/self/stat; done; exit 0`;

/** Exit code of COUNTING after SIGTERM. */
export const ON_TERM = 5;
/** Lines `INCARNATION NUMBER`, and at SIGTERM the last one, `INCARNATION end HOW-MANY`. */
export const COUNTING = [
  'n=$(($(wc -l < "/effects/$0"))) i=0 stop=; trap stop=1 TERM',
  'while [ -z "$stop" ]; do echo "$n $i"; i=$((i + 1)); sleep 0.01; done',
  `echo "$n end $i"; exit ${ON_TERM}`,
].join('; ');
