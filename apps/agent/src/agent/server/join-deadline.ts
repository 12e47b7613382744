import { guarded } from '@plimsoll/core/guarded';
import type { Server, Socket } from 'socket.io';

type Connection = Socket['conn'];

/** From the handshake of engine.io until the client has joined, with a token that is good. */
const JOIN_DEADLINE_MS = 10_000;

/** Ends every connection that has not joined in time, at once: socket.io's own deadline sends a close frame, for whose answer ws waits 30 s. */
export function endUnlessJoined(io: Server): void {
  const deadlines = new WeakMap<Connection, NodeJS.Timeout>();
  const what = 'a connection that has not joined';
  const begun = (connection: Connection): void => {
    const timer = setTimeout(
      guarded(what, () => endNow(connection)),
      JOIN_DEADLINE_MS,
    ).unref();
    deadlines.set(connection, timer);
  };
  io.engine.on('connection', guarded(what, begun));
  const joined = (socket: Socket): void => {
    clearTimeout(deadlines.get(socket.conn));
    // One that leaves and stays connected would outlive its session.
    socket.on(
      'disconnect',
      guarded(what, (reason: string) => reason === 'client namespace disconnect' && endNow(socket.conn)),
    );
  };
  io.on('connection', guarded(what, joined));
}

/** Without the closing handshake. */
function endNow(connection: Connection): void {
  // ws's, of a WebSocket: engine.io has no type for it.
  const socket = Reflect.get(connection.transport, 'socket') as { terminate?: () => void } | undefined;
  socket?.terminate?.();
  connection.close(true);
}
