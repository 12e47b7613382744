import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, open, readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { guarded } from '@plimsoll/core/guarded';
import { age } from '@plimsoll/protocol/quantities';
import { writeDurably } from '../durable-file.ts';
import { NO_DEBUGGER } from '../node-options.ts';
import type { StateRoot } from '../state-root.ts';
import { say } from './output.ts';

const REPOSITORY = join(import.meta.dirname, '../../../..');
/** All that the built app depends on. */
const SOURCES = ['apps/web', 'packages/protocol', 'package-lock.json', 'tsconfig.base.json'];
const NOT_SOURCES = new Set(['node_modules', '.next', '.turbo', 'next-env.d.ts']);
/** In the deployed copy: of the sources that it was built from. */
const RECORD = '.sources-sha256';
const PROGRESS_MS = 15_000;

/**
 * Builds the web app for this base path and copies it to where the web process's user can read it, unless that is done for these very
 * sources and this path. Returns the path of its server. Throws with the end of the build's output where that fails.
 */
export async function ensureWebApp(state: StateRoot, basePath: string, interrupted: AbortSignal): Promise<string> {
  const destination = join(state.lib, 'web');
  const server = join(destination, 'server/main.ts');
  const hash = await hashSources(basePath);
  const deployed = await readFile(join(destination, RECORD), 'utf8').catch(() => undefined);
  if (deployed === hash) return server;

  await mkdir(join(state.lib, 'log'), { recursive: true, mode: 0o755 });
  const log = join(state.lib, 'log/web-build.log');
  say(deployed === undefined ? 'Building the web app …' : 'The web app has changed, or its base path: building it again …');
  const startedAt = performance.now();
  await run('building the web app', ['node_modules/turbo/bin/turbo', 'run', 'build', '--filter=@plimsoll/web'], {
    log,
    interrupted,
    basePath,
  });
  await run('copying the web app', ['apps/web/scripts/deploy.mjs', destination], { log, interrupted, basePath });
  await writeDurably(join(destination, RECORD), hash, 0o644);
  say(`The web app is built (${age(performance.now() - startedAt)}).`);
  return server;
}

async function hashSources(basePath: string): Promise<string> {
  const hash = createHash('sha256').update(`${basePath}\0`);
  for (const source of SOURCES) {
    for (const path of await filesOf(join(REPOSITORY, source))) {
      hash.update(`${relative(REPOSITORY, path)}\0`).update(
        createHash('sha256')
          .update(await readFile(path))
          .digest(),
      );
    }
  }
  return hash.digest('hex');
}

async function filesOf(path: string): Promise<string[]> {
  const entries = await readdir(path, { withFileTypes: true }).catch(() => undefined);
  if (entries === undefined) return [path];
  const files: string[] = [];
  for (const entry of entries.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    if (NOT_SOURCES.has(entry.name) || entry.name.endsWith('.tsbuildinfo')) continue;
    files.push(...(entry.isDirectory() ? await filesOf(join(path, entry.name)) : [join(path, entry.name)]));
  }
  return files;
}

interface RunOptions {
  log: string;
  interrupted: AbortSignal;
  basePath: string;
}

async function run(
  doing: string,
  [script = '', ...args]: string[],
  { log: logPath, interrupted, basePath }: RunOptions,
): Promise<void> {
  await using log = await open(logPath, 'w', 0o600);
  const startedAt = performance.now();
  const progress = setInterval(
    guarded(doing, () => say(`… still ${doing} (${age(performance.now() - startedAt)})`)),
    PROGRESS_MS,
  );
  try {
    const child = spawn(process.execPath, [NO_DEBUGGER, join(REPOSITORY, script), ...args], {
      cwd: REPOSITORY,
      signal: interrupted,
      env: { ...process.env, NODE_ENV: 'production', PLIMSOLL_BASE_PATH: basePath },
      stdio: ['ignore', log.fd, log.fd],
    });
    await once(child, 'close');
    if (child.exitCode === 0) return;
  } finally {
    clearInterval(progress);
  }
  const output = await readFile(logPath, 'utf8');
  throw new Error(`${doing} failed:\n${output.trimEnd().split('\n').slice(-40).join('\n')}`);
}
