import { join } from 'node:path';
import { readConfiguration } from './configuration.ts';
import { dropPrivileges } from './drop-privileges.ts';
import { startNext } from './next-app.ts';
import type { PageHandler } from './page-handler.ts';
import { listen } from './web-server.ts';

// The disk of its output may be full; an error without a listener would end the process.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});
process.title = 'plimsoll-web';
process.env['NEXT_TELEMETRY_DISABLED'] = '1';
const dir = join(import.meta.dirname, '..');

try {
  const configuration = readConfiguration(process.env);
  const pages = Promise.withResolvers<PageHandler>();
  const { server, port } = await listen(configuration, pages.promise);
  dropPrivileges(configuration.uid);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      server.close();
      server.closeAllConnections();
      process.exit(0);
    });
  }
  pages.resolve(await startNext(dir, port));
  process.send?.({ ready: true, port });
  console.log(`The dashboard listens on http://127.0.0.1:${port}`);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
}
