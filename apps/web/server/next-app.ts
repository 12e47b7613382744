import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import next from 'next';
import type { PageHandler } from './page-handler.ts';

/** Starts Next on the build in `dir`/.next. */
export async function startNext(dir: string, port: number): Promise<PageHandler> {
  // Without it Next would load next.config, and with it the compiler, which the standalone output leaves out.
  process.env['__NEXT_PRIVATE_STANDALONE_CONFIG'] = JSON.stringify(builtConfiguration(dir));
  const app = next({
    dev: false,
    quiet: true,
    dir,
    hostname: '127.0.0.1',
    port,
    // Next adds an upgrade listener to the server it is given, or to the one that the first request came from. Upgrades are
    // the proxy's alone.
    httpServer: createServer(),
  });
  await app.prepare();
  return app.getRequestHandler();
}

function builtConfiguration(dir: string): unknown {
  const manifest: unknown = JSON.parse(readFileSync(join(dir, '.next/required-server-files.json'), 'utf8'));
  if (typeof manifest !== 'object' || manifest === null || !('config' in manifest)) {
    throw new Error(`${dir}/.next is not a build of the dashboard: run its build first`);
  }
  return manifest.config;
}
