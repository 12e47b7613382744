import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const NAME = /^plimsoll-vm-(\d+)-/;

/**
 * A directory for one machine, with this process's id in its name. First removes those whose process was killed before it
 * could: their machines have ended with it.
 * @returns {string} absolute path
 */
export function makeDirectory() {
  for (const name of readdirSync(tmpdir())) {
    const pid = NAME.exec(name)?.[1];
    if (pid !== undefined && !existsSync(`/proc/${pid}`)) rmSync(join(tmpdir(), name), { recursive: true, force: true });
  }
  return mkdtempSync(join(tmpdir(), `plimsoll-vm-${process.pid}-`));
}
