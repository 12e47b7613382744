import { lstatSync, readFileSync, readlinkSync, realpathSync, statSync, type Stats } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { PlimsollError } from '@plimsoll/protocol';
import { BASE_DIRECTORIES, BASE_FILES, BASE_TOOLS, LOADED_AT_RUN_TIME, TERMINALS, TERMINFO_DIRECTORIES } from './base-tools.ts';
import type { Attributes, RootfsWriter } from './rootfs-writer.ts';
import { type Placement, SharedLibraries } from './shared-libraries.ts';

const PROGRAM_DIRECTORIES = ['/usr/bin', '/bin', '/usr/sbin', '/sbin'];
/** Symlinks to directories on a merged-usr host. */
const MERGED_DIRECTORIES = ['/bin', '/sbin', '/lib', '/lib64', '/usr/sbin', '/usr/lib64'];
/** Where a program's files may lie: what is elsewhere (/opt, /home, /snap) is not the distribution's. */
const SYSTEM_PATH = /^\/(?:usr\/)?(?:s?bin|lib|lib64|libexec|share)\//;
const SHELL_SCRIPT = /^#! ?(?:\/usr)?\/bin\/(?:ba|da)?sh\b/;
const WORLD_READABLE = 0o004;

/**
 * Fills a rootfs with programs of the host and the libraries that they need: enough to experiment with, on a machine
 * without a network. Everything is copied, owned by root, without setuid, and was readable to anyone already.
 */
export async function assembleBase(writer: RootfsWriter): Promise<void> {
  for (const [name, mode] of Object.entries(BASE_DIRECTORIES)) writer.directory(name, rootOwned(mode));
  for (const link of MERGED_DIRECTORIES) {
    if (lstatSync(link, { throwIfNoEntry: false })?.isSymbolicLink()) {
      writer.symlink(link.slice(1), readlinkSync(link), rootOwned(0o777));
    }
  }
  writer.symlink('var/run', '../run', rootOwned(0o777));
  for (const [name, text] of Object.entries(BASE_FILES)) await writer.file(name, rootOwned(0o644), bytesOf(text));
  await new BaseAssembly(writer).run();
}

class BaseAssembly {
  readonly #writer: RootfsWriter;
  readonly #libraries = new SharedLibraries();
  /** Paths in the image, host paths in form. */
  readonly #placed = new Set<string>();

  constructor(writer: RootfsWriter) {
    this.#writer = writer;
  }

  async run(): Promise<void> {
    for (const tool of BASE_TOOLS) {
      const added = await this.#addTool(tool);
      if (!added && tool === 'sh') {
        throw new PlimsollError('unsupported-on-host', 'the built-in image cannot be made: this host has no usable /bin/sh', {
          hint: 'Import an image with `plimsoll image import`.',
        });
      }
    }
    for (const placement of this.#libraries.of(realpathSync('/bin/sh'), LOADED_AT_RUN_TIME)) await this.#place(placement);
    for (const terminal of TERMINALS) await this.#addTerminal(terminal);
  }

  async #addTool(name: string): Promise<boolean> {
    const path = PROGRAM_DIRECTORIES.map((directory) => join(directory, name)).find((candidate) => readable(candidate));
    if (path === undefined) return false;
    const at = join(realpathSync(dirname(path)), name);
    const source = realpathSync(path);
    if (!SYSTEM_PATH.test(source)) return false;
    let libraries: Placement[];
    try {
      if (isForeignScript(source)) return false;
      libraries = this.#libraries.of(source);
    } catch {
      // A header that cannot be read, or a library that is missing: the program would not run on the host either.
      return false;
    }
    for (const placement of [...libraries, { source, path: source }]) await this.#place(placement);
    if (at !== source && !this.#placed.has(at)) {
      this.#placed.add(at);
      this.#writer.symlink(at.slice(1), linkText(at, source), rootOwned(0o777));
    }
    return true;
  }

  async #addTerminal(name: string): Promise<void> {
    const file = TERMINFO_DIRECTORIES.map((directory) => join(directory, name.charAt(0), name)).find((candidate) =>
      readable(candidate),
    );
    if (file === undefined) return;
    await this.#place({ source: realpathSync(file), path: join(realpathSync(dirname(file)), name) });
  }

  async #place({ source, path }: Placement): Promise<void> {
    if (this.#placed.has(path)) return;
    this.#placed.add(path);
    const stats = statSync(source);
    await this.#writer.copy(path.slice(1), { ...rootOwned(stats.mode & 0o755), mtimeMs: stats.mtimeMs }, source, stats.size);
  }
}

/** Absolute symlinks would do as well inside; relative ones also hold for someone who looks from outside. */
function linkText(at: string, target: string): string {
  return relative(dirname(at), target);
}

function readable(path: string): boolean {
  let stats: Stats | undefined;
  try {
    stats = statSync(path, { throwIfNoEntry: false });
  } catch {
    return false;
  }
  return stats?.isFile() === true && (stats.mode & WORLD_READABLE) !== 0;
}

/** A script for an interpreter that the image does not have. */
function isForeignScript(path: string): boolean {
  const start = readFileSync(path).toString('latin1', 0, 64);
  return start.startsWith('#!') && !SHELL_SCRIPT.test(start);
}

function rootOwned(mode: number): Attributes {
  return { mode, uid: 0, gid: 0, mtimeMs: Date.now() };
}

async function* bytesOf(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text);
}
