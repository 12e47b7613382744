import { or } from '../abi/flags.ts';
import { AT_FDCWD, O } from '../abi/open.ts';
import { Memory } from '../program/argument.ts';
import { LoadedProgram } from '../program/load.ts';
import { Program } from '../program/program.ts';
import type { Cgroup } from './cgroup.ts';
import { flatValue } from './events.ts';
import { emptyReading, type CgroupReading } from './reading.ts';
import { countersOf } from './sources.ts';

/** What an exit record keeps of a cgroup beside its counters. Null: this host does not tell. */
export interface LastReading {
  reading: CgroupReading;
  memoryPeakBytes: number | null;
  /** Processes of it, or below it, that the OOM killer ended. */
  oomKills: number | null;
}

/** A file to be read, and what to do with its content. */
interface Wanted {
  path: string;
  bytes: number;
  timed: boolean;
  take: (content: Uint8Array) => void;
}

/**
 * To be taken when the cgroup is empty and before it is removed: the counters cannot change any more. Null: it is gone. One
 * program opens, reads and closes every file.
 */
export function readLast(cgroup: Cgroup): LastReading | null {
  const last: LastReading = { reading: emptyReading(), memoryPeakBytes: null, oomKills: null };
  const v2 = cgroup.hierarchy('memory')?.version === 2;
  const wanted: Wanted[] = countersOf(cgroup).map(({ path, bytes, timed, take }) => ({
    path,
    bytes,
    timed,
    take: (content) => take(content, last.reading),
  }));
  const also = (path: string | null, take: (text: string) => void) => {
    if (path === null) return;
    wanted.push({ path, bytes: 512, timed: false, take: (content) => take(Buffer.from(content).toString('latin1')) });
  };
  also(cgroup.file('memory', v2 ? 'memory.peak' : 'memory.max_usage_in_bytes'), (text) => (last.memoryPeakBytes = Number(text)));
  also(cgroup.file('memory', v2 ? 'memory.events' : 'memory.oom_control'), (text) => {
    last.oomKills = Number(flatValue(text, 'oom_kill') ?? 0);
  });

  const program = new Program();
  const reads = wanted.map(({ path, bytes, timed }) => {
    const content = new Memory(new Uint8Array(bytes), 'content');
    const file = program.call(`open ${path}`, 'openat', [AT_FDCWD, path, or(O, 'O_RDONLY', 'O_CLOEXEC'), 0], { tolerate: 'any' });
    program.timed = timed;
    const { step } = program.call(`read ${path}`, 'read', [file, content, bytes], { tolerate: 'any' });
    program.timed = false;
    program.call(`close ${path}`, 'close', [file], { tolerate: 'any' });
    return { step, content };
  });
  program.end();
  using loaded = new LoadedProgram(program);
  loaded.run();
  wanted.forEach(({ take, timed }, i) => {
    const { step, content } = reads[i] as (typeof reads)[number];
    const length = loaded.result(step);
    if (length >= 0) take(loaded.read(content).subarray(0, length));
    if (length >= 0 && timed) last.reading.atNs = loaded.doneAtNs(step) ?? 0n;
  });
  return last.reading.atNs === 0n ? null : last;
}
