import type { Server } from 'node:http';
import { guarded } from '@plimsoll/core/guarded';
import { openFilesLimit } from '../../open-files-limit.ts';
import { log } from '../log.ts';

/** One socket's connections take at most this part of the descriptors of this process, so that the rest of it goes on. */
const SHARE = 0.25;
const LOG_EVERY_MS = 60_000;

/** Ends further connections as they come while there are too many, and logs it at most once a minute. */
export function limitConnections(server: Server, path: string): void {
  const most = Math.floor(SHARE * openFilesLimit());
  let loggedMs = Number.NEGATIVE_INFINITY;
  server.maxConnections = most;
  const dropped = (): void => {
    if (performance.now() - loggedMs < LOG_EVERY_MS) return;
    loggedMs = performance.now();
    log('warn', 'connections are refused: a socket has as many as it may', { path, most });
  };
  server.on('drop', guarded(`the socket ${path}`, dropped));
}
