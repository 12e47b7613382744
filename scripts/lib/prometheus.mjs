import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { unpackPackage } from './debian-package.mjs';
import { aptGet } from './debian-tools.mjs';
import { REPOSITORY } from './paths.mjs';

/** Where test/support/prometheus.ts looks for it. */
const CACHE = join(REPOSITORY, 'node_modules/.cache/plimsoll/prometheus');
const PACKAGE = 'prometheus';

/**
 * Fetches Prometheus and its promtool, once. Not installed: the package would start a service, and listen. The test that is
 * scraped by it skips without.
 * @param {(line: string) => void} say
 */
export function ensurePrometheus(say) {
  if (!existsSync('/usr/bin/apt-get') || existsSync('/usr/bin/promtool') || existsSync(CACHE)) return;
  say('Fetching Prometheus, for the test that is scraped by it …');
  if (fetchPrograms() || (aptGet(['update']) && fetchPrograms())) return;
  say(`apt-get could not fetch ${PACKAGE}: see above.`);
}

function fetchPrograms() {
  mkdirSync(dirname(CACHE), { recursive: true });
  const directory = mkdtempSync(`${CACHE}-fetch-`);
  try {
    const programs = join(directory, 'usr/bin');
    if (!unpackPackage(PACKAGE, directory) || !existsSync(join(programs, 'promtool'))) return false;
    renameSync(programs, CACHE);
    return true;
  } finally {
    rmSync(directory, { recursive: true });
  }
}
