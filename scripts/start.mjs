// Plain JavaScript for the Node that the system has: nothing is installed yet when this runs.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { requireLinuxRoot } from './lib/host.mjs';
import { ensureInstalled } from './lib/install.mjs';
import { node24, REPOSITORY, toolEnvironment } from './lib/paths.mjs';

// Without a listener it opens Node's debugger, for every user of the host; older versions have no option against that.
process.on('SIGUSR1', () => {});
requireLinuxRoot('npm start');
ensureInstalled((line) => console.log(line));

// The IPC channel tells the launcher when this process is gone, however it went.
const launcher = spawn(node24(), ['--disable-sigusr1', join(REPOSITORY, 'apps/agent/src/launcher/main.ts')], {
  env: { ...toolEnvironment(), NODE_COMPILE_CACHE: join(REPOSITORY, 'node_modules/.cache/plimsoll') },
  stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
});
for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) process.on(signal, () => launcher.kill(signal));
launcher.on('error', (error) => {
  console.error(`Plimsoll cannot be started: ${error.message}`);
  process.exitCode = 1;
});
launcher.on('exit', (code, signal) => {
  process.exitCode = code ?? (signal === null ? 1 : 128);
});
