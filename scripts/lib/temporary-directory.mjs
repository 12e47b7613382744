import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * A directory of this process, whose id is in its name. First removes those whose process was killed before it could.
 * @param {'vm' | 'disk' | 'test'} use
 * @returns {string} absolute path
 */
export function makeDirectory(use) {
  const pattern = new RegExp(String.raw`^plimsoll-${use}-(\d+)-`);
  for (const name of readdirSync(tmpdir())) {
    const pid = pattern.exec(name)?.[1];
    if (pid !== undefined && !existsSync(`/proc/${pid}`)) rmSync(join(tmpdir(), name), { recursive: true, force: true });
  }
  return mkdtempSync(join(tmpdir(), `plimsoll-${use}-${process.pid}-`));
}
