import { closeSync, fstatSync } from 'node:fs';
import { join } from 'node:path';
import { ERRNO } from '../abi/errno.ts';
import { or } from '../abi/flags.ts';
import { AT_FDCWD, O, OPEN_HOW_BYTES, PATH_MAX, RESOLVE } from '../abi/open.ts';
import type { OciMount } from '../oci/config.ts';
import { Memory, Words } from '../program/argument.ts';
import { call, runOrThrow, tryCall } from '../program/call.ts';
import { LoadedProgram } from '../program/load.ts';
import { Program } from '../program/program.ts';
import { SyscallError } from '../syscalls/syscall-error.ts';

/** path_resolution(7): the kernel follows as many. */
export const MOST_LINKS = 40;

const NAMED = or(O, 'O_PATH', 'O_NOFOLLOW', 'O_CLOEXEC');
const DIRECTORY = or(O, 'O_PATH', 'O_NOFOLLOW', 'O_DIRECTORY', 'O_CLOEXEC');
const BELOW = or(RESOLVE, 'RESOLVE_BENEATH', 'RESOLVE_NO_SYMLINKS');

/**
 * Directories that containers may write to, with words for whose each is: by its identity (directoryIdentity), or by its path without
 * links where that is not known.
 */
export type WritableDirectories = ReadonlyMap<string, string>;

/** Where a bind's source leads is what a container may have made of it. */
export class UntrustedSource extends Error {
  override readonly name = 'UntrustedSource';
}

/** Descriptors of binds' sources, by their paths. Disposing closes them. */
export class BindSources implements Disposable {
  readonly #opened = new Map<string, number>();

  /** Throws a SyscallError for a source that cannot be opened, and UntrustedSource. */
  static open(mounts: readonly OciMount[], writable: WritableDirectories): BindSources {
    using undo = new DisposableStack();
    const sources = undo.use(new BindSources());
    for (const { type, source } of mounts) {
      if (type === 'bind' && !sources.#opened.has(source)) sources.#opened.set(source, openSource(source, writable));
    }
    undo.move();
    return sources;
  }

  get(source: string): number {
    const fd = this.#opened.get(source);
    if (fd === undefined) throw new RangeError(`${source} is the source of no bind`);
    return fd;
  }

  get descriptors(): number[] {
    return [...this.#opened.values()];
  }

  [Symbol.dispose](): void {
    for (const fd of this.#opened.values()) closeSync(fd);
    this.#opened.clear();
  }
}

/** The same for every path of a directory. */
export function directoryIdentity({ dev, ino }: { dev: bigint; ino: bigint }): string {
  return `${dev}:${ino}`;
}

/**
 * Opens a path of the host once, for a mount that is made from the descriptor. A symbolic link is followed where no container
 * can have made it. Below a directory that a container may write to, the rest of the path is one openat2(2) that follows none: a
 * container can exchange a directory for a link at any moment.
 */
function openSource(source: string, writable: WritableDirectories): number {
  const purpose = `take hold of ${source}`;
  const rest = partsOf(source);
  let links = 0;
  let at = call(purpose, 'openat', AT_FDCWD, '/', DIRECTORY);
  let path = '/';
  for (let part = rest.shift(); part !== undefined; part = rest.shift()) {
    using directory = closing(at);
    const whose = writable.get(directoryIdentity(fstatSync(directory.fd, { bigint: true }))) ?? writable.get(path);
    if (whose !== undefined) return openBelow(directory.fd, [part, ...rest].join('/'), { source, purpose, whose });
    at = openPart(directory.fd, part, purpose);
    if (!fstatSync(at).isSymbolicLink()) {
      path = join(path, part);
      continue;
    }
    using link = closing(at);
    if (++links > MOST_LINKS) throw new SyscallError('openat', ERRNO.ELOOP, purpose);
    const target = targetOf(link.fd, purpose);
    rest.unshift(...partsOf(target));
    const isAbsolute = target.startsWith('/');
    if (isAbsolute) path = '/';
    at = call(purpose, 'openat', isAbsolute ? AT_FDCWD : directory.fd, isAbsolute ? '/' : '.', DIRECTORY);
  }
  return at;
}

/** A directory is opened as one first, which has it mounted where autofs(5) does that. */
function openPart(directory: number, part: string, purpose: string): number {
  const opened = tryCall('openat', directory, part, DIRECTORY);
  if (opened !== -ERRNO.ENOTDIR) return checked(opened, 'openat', purpose);
  return call(purpose, 'openat', directory, part, NAMED);
}

function openBelow(directory: number, path: string, about: { source: string; purpose: string; whose: string }): number {
  const how = new Words([or(O, 'O_PATH', 'O_CLOEXEC'), 0, BELOW], `{O_PATH|O_CLOEXEC, 0, ${BELOW.text}}`);
  const opened = tryCall('openat2', directory, path, how, OPEN_HOW_BYTES);
  const why = UNTRUSTED.get(-opened);
  if (why !== undefined) throw new UntrustedSource(`${about.source} ${why} ${about.whose}`);
  return checked(opened, 'openat2', about.purpose);
}

/** openat2(2). */
const UNTRUSTED: ReadonlyMap<number, string> = new Map([
  [ERRNO.ELOOP, 'leads through a symbolic link below'],
  [ERRNO.EXDEV, 'leads by ".." out of'],
  [ERRNO.EAGAIN, 'has ".." in it, and was changed meanwhile below'],
]);

function checked(result: number, syscall: string, purpose: string): number {
  if (result < 0) throw new SyscallError(syscall, -result, purpose);
  return result;
}

/** Of a symbolic link that is open. A link of procfs is a text here like any other. */
export function targetOf(link: number, purpose: string): string {
  const target = new Memory(new Uint8Array(PATH_MAX), '&target');
  const program = new Program();
  const read = program.call(purpose, 'readlinkat', [link, '', target, PATH_MAX]);
  program.end();
  using loaded = new LoadedProgram(program);
  runOrThrow(loaded);
  return Buffer.from(loaded.read(target).subarray(0, loaded.result(read.step))).toString();
}

function partsOf(path: string): string[] {
  return path.split('/').filter((part) => part !== '' && part !== '.');
}

function closing(fd: number): Disposable & { fd: number } {
  return { fd, [Symbol.dispose]: () => closeSync(fd) };
}
