import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const REPOSITORY = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const BIN = join(REPOSITORY, 'node_modules/.bin');

/**
 * The Node 24 that the packages brought, whatever Node runs this script.
 * @returns {string} absolute path
 */
export function node24() {
  const bundled = join(REPOSITORY, `node_modules/node-linux-${process.arch}/bin/node`);
  if (existsSync(bundled)) return bundled;
  if (Number(process.versions.node.split('.')[0]) >= 24) return process.execPath;
  throw new Error(`there is no Node 24 for ${process.arch}: install Node 24 and run this again`);
}

/**
 * The environment for what runs out of this repository: its own programs first, and nobody is told of it.
 * @returns {NodeJS.ProcessEnv & { PATH: string }}
 */
export function toolEnvironment() {
  return {
    ...process.env,
    PATH: `${BIN}:${process.env.PATH}`,
    NEXT_TELEMETRY_DISABLED: '1',
    TURBO_TELEMETRY_DISABLED: '1',
    DO_NOT_TRACK: '1',
    TURBO_NO_UPDATE_NOTIFIER: '1',
  };
}
