import type { Server } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Socket } from 'node:net';

/** Of which nothing good is known yet: no request with a session that is good has come by them. */
const MOST_UNPROVEN = 2048;

/**
 * Keeps connections that have shown no session from taking every descriptor: past the limit the oldest makes room for the newest, since a
 * browser sends its request at once. Returns how one is said to have shown a session.
 */
export function limitUnproven(server: Server, most = MOST_UNPROVEN): (socket: Duplex) => void {
  const unproven = new Set<Duplex>();
  server.on('connection', (socket: Socket) => {
    unproven.add(socket);
    socket.on('close', () => unproven.delete(socket));
    if (unproven.size <= most) return;
    const [oldest] = unproven;
    oldest?.destroy();
  });
  return (socket) => void unproven.delete(socket);
}
