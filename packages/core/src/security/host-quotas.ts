import { RLIMIT } from '../abi/rlimit.ts';
import { namespaceOf } from '../namespaces/types.ts';
import type { OciConfig, OciRlimit } from '../oci/config.ts';
import { Memory } from '../program/argument.ts';
import { runOrThrow } from '../program/call.ts';
import { LoadedProgram } from '../program/load.ts';
import { Program } from '../program/program.ts';

/** What the kernel counts by user and bounds by a limit of the process (getrlimit(2)). */
const COUNTED_BY_USER = ['RLIMIT_SIGPENDING', 'RLIMIT_MSGQUEUE'] as const;

/** struct rlimit64: soft and hard, 8 bytes each. */
const RLIMIT64_BYTES = 16;
const RLIM64_INFINITY = 0xffff_ffff_ffff_ffffn;

/**
 * The rlimits of a container's first process. In the host's user namespace a container shares the quotas of the host's own users:
 * by default it may take half, so that the host's root keeps the other half.
 */
export function rlimitsOf(config: OciConfig): OciRlimit[] {
  const { rlimits = [] } = config.process;
  if (namespaceOf(config, 'user') !== 'host') return rlimits;
  const unset = COUNTED_BY_USER.filter((type) => !rlimits.some((rlimit) => rlimit.type === type));
  return [...rlimits, ...halves(unset)];
}

function halves(types: readonly (typeof COUNTED_BY_USER)[number][]): OciRlimit[] {
  if (types.length === 0) return [];
  const program = new Program();
  const own = types.map((type) => ({ type, limit: new Memory(new Uint8Array(RLIMIT64_BYTES), `&${type}`) }));
  for (const { type, limit } of own) {
    program.call(`read ${type}`, 'prlimit64', [0, { value: RLIMIT[type], text: type }, 0, limit]);
  }
  program.end();
  using loaded = new LoadedProgram(program);
  runOrThrow(loaded);
  return own.flatMap(({ type, limit }) => {
    const soft = new DataView(loaded.read(limit).slice().buffer).getBigUint64(0, true);
    const half = Number(soft / 2n);
    return soft === RLIM64_INFINITY ? [] : [{ type, soft: half, hard: half }];
  });
}
