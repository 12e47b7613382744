import { statSync } from 'node:fs';

/** Result codes of SQLite (sqlite.org/rescode.html). */
const ERROR = 1;
const CORRUPT = 11;
const CONSTRAINT = 19;
const NOTADB = 26;
/** Extended: a page that the file is too short for. */
const IOERR_SHORT_READ = 522;

/** Of an open database: a page that SQLite cannot make sense of. */
export function isDamage(error: unknown): boolean {
  const code = codeOf(error);
  return [CORRUPT, NOTADB].includes(code & 0xff) || code === IOERR_SHORT_READ;
}

/** As a database is opened: a schema that is not what its migrations have made is damage as well. */
export function isDamageAtOpening(error: unknown): boolean {
  return isDamage(error) || [ERROR, CONSTRAINT].includes(codeOf(error) & 0xff);
}

/** Throws damage for what is neither a file nor absent: SQLite would wait for ever to open a FIFO. */
export function requireFile(path: string): void {
  if (sizeOf(path) === null) throw damage(`${path} is not a file`, NOTADB);
}

/** In bytes, 0 where there is no file; null for what is none, such as a directory, or a link that leads to itself. */
export function sizeOf(path: string): number | null {
  try {
    const stats = statSync(path, { throwIfNoEntry: false });
    if (stats === undefined) return 0;
    return stats.isFile() ? stats.size : null;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ELOOP') return null;
    throw error;
  }
}

export function damage(message: string, errcode = CORRUPT): Error {
  return Object.assign(new Error(message), { errcode });
}

function codeOf(error: unknown): number {
  return error instanceof Error && 'errcode' in error ? Number(error.errcode) : 0;
}
