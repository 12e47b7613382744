import koffi from 'koffi';
import { RUNNER } from './runner.ts';
import { UnsupportedArchitecture } from './unsupported.ts';

const PROT_READ = 1;
const PROT_WRITE = 2;
const PROT_EXEC = 4;
const MAP_SHARED = 1;
const MAP_PRIVATE = 2;
const MAP_ANONYMOUS = 0x20;
const MAP_NORESERVE = 0x4000;
const MAP_FAILED = 0xffff_ffff_ffff_ffffn;

const libc = koffi.load('libc.so.6');
const mmap = libc.func('void *mmap(void *address, size_t length, int protection, int flags, int fd, long offset)');
const mprotect = libc.func('int mprotect(void *address, size_t length, int protection)');
const munmap = libc.func('int munmap(void *address, size_t length)');

export const PAGE_BYTES = 4096;

/** Pages that a child sees too, and whose changes the parent sees: MAP_SHARED, so a fork copies no page table for them. */
export interface SharedPages extends Disposable {
  readonly address: number;
  readonly bytes: ArrayBuffer;
}

/** `size` is rounded up to whole pages. The pages are zero, and cost nothing until touched. The ArrayBuffer must not be touched after disposal. */
export function mapSharedPages(size: number): SharedPages {
  const length = Math.ceil(size / PAGE_BYTES) * PAGE_BYTES;
  const pointer = map(length, MAP_SHARED | MAP_NORESERVE);
  return {
    address: Number(koffi.address(pointer)),
    bytes: koffi.view(pointer, length),
    [Symbol.dispose]: () => void munmap(pointer, length),
  };
}

let runner: { pointer: unknown; address: number } | undefined;

/** The runner's code, mapped once: written while writable, then readable and executable alone. One page. */
export function mappedRunner(): { pointer: unknown; address: number } {
  runner ??= mapRunner();
  return runner;
}

function mapRunner(): { pointer: unknown; address: number } {
  const code = RUNNER[process.arch];
  if (code === undefined) throw new UnsupportedArchitecture();
  const pointer = map(PAGE_BYTES, MAP_PRIVATE);
  new Uint8Array(koffi.view(pointer, code.length)).set(code);
  if (mprotect(pointer, PAGE_BYTES, PROT_READ | PROT_EXEC) !== 0) {
    throw new Error('mprotect of the syscall runner: refused by the kernel');
  }
  return { pointer, address: Number(koffi.address(pointer)) };
}

function map(length: number, sharing: number): unknown {
  const pointer: unknown = mmap(null, length, PROT_READ | PROT_WRITE, sharing | MAP_ANONYMOUS, -1, 0);
  if (pointer === null || koffi.address(pointer) === MAP_FAILED) {
    throw new Error(`mmap of ${length} bytes: refused by the kernel`);
  }
  return pointer;
}
