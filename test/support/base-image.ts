import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { ImageStore } from '../../apps/agent/src/images/image-store.ts';

/** Where those who run many tests have them keep the built-in image; none: each test makes its own. */
const SHARED = process.env['PLIMSOLL_TEST_IMAGES'];

/**
 * The built-in image in the store below `lib`: links to files that no test writes to, made once for all tests of a run. On
 * another file system than those there are none, and the image is made anew.
 */
export async function seedBaseImage(lib: string): Promise<void> {
  if (SHARED === undefined) return;
  const made = join(SHARED, 'images');
  if (!existsSync(made)) await make(made);
  mkdirSync(lib, { recursive: true });
  const { status } = spawnSync('cp', ['-al', made, lib]);
  if (status !== 0) rmSync(join(lib, 'images'), { recursive: true, force: true });
}

async function make(made: string): Promise<void> {
  const directory = mkdtempSync(`${made}-`);
  try {
    await (await ImageStore.open(directory)).ensureBase();
    renameSync(join(directory, 'images'), made);
  } catch (error) {
    // Another test was as early.
    if (!existsSync(made)) throw error;
  } finally {
    rmSync(directory, { recursive: true });
  }
}
