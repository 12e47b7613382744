#!/usr/bin/env node
// Runs on any Node from 18 on: what needs Node 24 is run by the one that the project brings along.
import { spawn } from 'node:child_process';
import module, { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

// Beside the code itself, so that nobody can plant compiled code who could not change the source as well.
const cache = fileURLToPath(new URL('../../../node_modules/.cache/plimsoll', import.meta.url));
const main = fileURLToPath(new URL('../src/cli/main.ts', import.meta.url));

if (Number.parseInt(process.versions.node, 10) >= 24) {
  module.enableCompileCache(cache);
  await import('../src/cli/main.ts');
} else {
  const child = spawn(ownNode(), [main, ...process.argv.slice(2)], {
    stdio: 'inherit',
    env: { ...process.env, NODE_COMPILE_CACHE: cache },
  });
  // Ctrl-C reaches the child by itself, as a member of the terminal's foreground process group; the others are passed on.
  process.on('SIGINT', () => {});
  for (const signal of /** @type {const} */ (['SIGTERM', 'SIGHUP'])) process.on(signal, () => child.kill(signal));
  child.on('error', (error) => {
    console.error(`Plimsoll cannot run ${child.spawnfile}: ${error.message}`);
    process.exit(1);
  });
  child.on('exit', (code, signal) => {
    if (signal === null) process.exit(code ?? 1);
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  });
}

function ownNode() {
  try {
    return join(dirname(createRequire(import.meta.url).resolve(`node-linux-${process.arch}/package.json`)), 'bin/node');
  } catch {
    console.error('Plimsoll is not installed: run `npm start` in its folder first');
    process.exit(1);
  }
}
