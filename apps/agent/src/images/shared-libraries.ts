import { globSync, readFileSync, realpathSync } from 'node:fs';
import { basename, dirname, isAbsolute, join } from 'node:path';
import { readElf, type ElfDependencies } from './elf.ts';

/** Where a file is on the host, and the path at which the image's own dynamic linker will look for it. */
export interface Placement {
  source: string;
  path: string;
}

/** The dynamic linker's built-in directories (ld.so(8)): glibc's, Debian's multiarch ones and musl's. */
const BUILT_IN = ['/lib64', '/usr/lib64', '/lib', '/usr/lib', '/usr/local/lib'];
const MULTIARCH: Record<number, string> = { 62: 'x86_64-linux-gnu', 183: 'aarch64-linux-gnu' };
const MUSL: Record<number, string> = { 62: 'x86_64', 183: 'aarch64' };

/**
 * Finds the libraries of programs as ld.so(8) would, by reading headers alone: ldd(1) runs the program's own interpreter.
 * LD_LIBRARY_PATH and the hwcaps subdirectories are left out: the plain build of a library works everywhere.
 */
export class SharedLibraries {
  readonly #searchPath: string[];
  readonly #elf = new Map<string, ElfDependencies | undefined>();

  constructor(searchPath: string[] = readLdSoConf('/etc/ld.so.conf')) {
    this.#searchPath = searchPath;
  }

  /**
   * Everything that `program` needs to be linked: its interpreter and, all the way down, its libraries; and `extra`
   * libraries, where the host has them. Nothing for a script or a static program. Throws an Error that names the first
   * library that the host lacks.
   */
  of(program: string, extra: readonly string[] = []): Placement[] {
    const elf = this.#read(program);
    if (!elf?.interpreter) return [];
    const interpreter = { source: realpathSync(elf.interpreter), path: realDirectory(elf.interpreter) };
    const placements = new Map([[basename(elf.interpreter), interpreter]]);
    const present = extra.filter((soname) => this.#find(soname, elf.machine, []));
    this.#collect(program, { ...elf, needed: [...elf.needed, ...present] }, [], placements);
    return [...placements.values()];
  }

  #collect(object: string, elf: ElfDependencies, inheritedRpath: string[], placements: Map<string, Placement>): void {
    // DT_RPATH is ignored where the same object has a DT_RUNPATH, and unlike it holds for dependencies of dependencies as well.
    const rpath = elf.runpath.length > 0 ? [] : [...expandOrigin(elf.rpath, object), ...inheritedRpath];
    const named = [...rpath, ...expandOrigin(elf.runpath, object)];
    for (const soname of elf.needed) {
      if (placements.has(soname)) continue;
      const placement = this.#find(soname, elf.machine, named);
      if (!placement) throw new Error(`${object} needs ${soname}, which is not on this host`);
      placements.set(soname, placement);
      const library = this.#read(placement.source);
      if (library) this.#collect(placement.source, library, rpath, placements);
    }
  }

  #find(soname: string, machine: number, named: string[]): Placement | undefined {
    if (soname.includes('/')) return isAbsolute(soname) ? this.#placeIfLinkable(soname, machine) : undefined;
    for (const directory of named) {
      const placement = this.#placeIfLinkable(join(directory, soname), machine);
      if (placement) return placement;
    }
    // The image has no /etc/ld.so.cache, which is all that makes the directories of ld.so.conf known: what is found through the
    // search path goes where the C library is. What an object names itself stays where it is named.
    for (const directory of [...this.#searchPath, ...builtInDirectories(machine)]) {
      const found = this.#placeIfLinkable(join(directory, soname), machine);
      if (found) return { source: found.source, path: join(this.#systemDirectory(machine), soname) };
    }
    return undefined;
  }

  #placeIfLinkable(path: string, machine: number): Placement | undefined {
    try {
      const source = realpathSync(path);
      return this.#read(source)?.machine === machine ? { source, path: realDirectory(path) } : undefined;
    } catch {
      return undefined;
    }
  }

  #systemDirectory(machine: number): string {
    for (const directory of builtInDirectories(machine)) {
      for (const soname of ['libc.so.6', `libc.musl-${MUSL[machine]}.so.1`]) {
        const libc = this.#placeIfLinkable(join(directory, soname), machine);
        if (libc) return dirname(libc.path);
      }
    }
    throw new Error('this host has no C library where its dynamic linker looks for one');
  }

  #read(path: string): ElfDependencies | undefined {
    if (!this.#elf.has(path)) this.#elf.set(path, readElf(readFileSync(path)));
    return this.#elf.get(path);
  }
}

/** Directories of an ld.so.conf, its includes followed once each. */
export function readLdSoConf(path: string, seen = new Set<string>()): string[] {
  if (seen.has(path)) return [];
  seen.add(path);
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    return [];
  }
  return text.split('\n').flatMap((line) => {
    const words = line.replace(/#.*/, '').trim();
    const include = /^include\s+(.+)$/.exec(words)?.[1];
    if (include === undefined) return isAbsolute(words) ? [words.replace(/\/+$/, '')] : [];
    return globSync(include.split(/\s+/).map((pattern) => (isAbsolute(pattern) ? pattern : join(dirname(path), pattern))))
      .toSorted()
      .flatMap((file) => readLdSoConf(file, seen));
  });
}

function builtInDirectories(machine: number): string[] {
  const multiarch = MULTIARCH[machine];
  return [...(multiarch ? [`/lib/${multiarch}`, `/usr/lib/${multiarch}`] : []), ...BUILT_IN];
}

function expandOrigin(directories: string[], object: string): string[] {
  return directories
    .map((directory) => directory.replace(/\$(?:ORIGIN|\{ORIGIN\})/g, dirname(object)))
    .filter((directory) => isAbsolute(directory) && !directory.includes('$'));
}

/** The same file name in the directory that the path really leads to (/lib64 is /usr/lib64 on a merged-usr host). */
function realDirectory(path: string): string {
  return join(realpathSync(dirname(path)), basename(path));
}
