import { readFileSync } from 'node:fs';
import { Memory } from '../program/argument.ts';
import { LoadedProgram } from '../program/load.ts';
import { Program } from '../program/program.ts';
import { mappedRunner, PAGE_BYTES } from '../syscalls/memory.ffi.ts';

/** End of user addresses with 4-level page tables (Documentation/arch/x86/x86_64/mm.rst); munmap past it is refused. */
const TASK_SIZE = 0x7fff_ffff_f000;
const ARCH_GET_FS = { value: 0x1003, text: 'ARCH_GET_FS' } as const;

/** Addresses, `to` excluded. */
interface Range {
  from: number;
  to: number;
}

/** Adds the steps by which a forked child unmaps all of its memory but the programs that it is to play. */
export function unmapAllBut(program: Program, programs: Range): void {
  for (const { from, to } of gaps([programs, ...needed()])) program.call('unmap memory', 'munmap', [from, to - from]);
}

/**
 * What a child that plays programs needs beside these: the runner, and the pages around the thread pointer, since the kernel writes to
 * the rseq area that libc registered there whenever the thread is preempted (rseq(2)). No more of the mapping that they are in: the
 * kernel may have merged it with others, of a megabyte and more.
 */
function needed(): Range[] {
  const runner = mappedRunner().address;
  const thread = threadPointer();
  const page = thread - (thread % PAGE_BYTES);
  const near = { from: page - PAGE_BYTES, to: page + 2 * PAGE_BYTES };
  const maps = readFileSync('/proc/self/maps', 'latin1')
    .split('\n')
    .map((line) => /^([0-9a-f]+)-([0-9a-f]+) /.exec(line));
  const around = maps
    .map((match) => ({ from: Number.parseInt(match?.[1] ?? '0', 16), to: Number.parseInt(match?.[2] ?? '0', 16) }))
    .map(({ from, to }) => ({ from: Math.max(from, near.from), to: Math.min(to, near.to) }))
    .filter(({ from, to }) => from < to);
  return [{ from: runner, to: runner + PAGE_BYTES }, ...around];
}

function gaps(kept: readonly Range[]): Range[] {
  const result: Range[] = [];
  let from = 0;
  for (const range of kept.toSorted((a, b) => a.from - b.from)) {
    if (range.from > from) result.push({ from, to: range.from });
    from = Math.max(from, range.to);
  }
  result.push({ from, to: TASK_SIZE });
  return result;
}

/** The fs register: glibc's struct pthread, with the rseq area beside it. */
function threadPointer(): number {
  const pointer = new Memory(new Uint8Array(8), '&pointer');
  const program = new Program();
  program.call('find the thread pointer', 'arch_prctl', [ARCH_GET_FS, pointer]);
  program.end();
  using loaded = new LoadedProgram(program);
  loaded.run();
  return Number(new DataView(loaded.read(pointer).slice().buffer).getBigUint64(0, true));
}
