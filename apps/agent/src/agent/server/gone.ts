import type { Socket } from 'node:net';
import { guarded } from '@plimsoll/core/guarded';
import { PlimsollError } from '@plimsoll/protocol';

const known = new WeakMap<Socket, AbortSignal>();

/** Aborted when the peer of a connection is gone; the same for all requests over it. */
export function goneSignal(socket: Socket): AbortSignal {
  const before = known.get(socket);
  if (before !== undefined) return before;
  const controller = new AbortController();
  socket.once(
    'close',
    guarded('a closed connection', () => abortGone(controller)),
  );
  if (socket.destroyed) abortGone(controller);
  known.set(socket, controller.signal);
  return controller.signal;
}

export function abortGone(controller: AbortController): void {
  controller.abort(new PlimsollError('unavailable', 'the command was cancelled: the connection of its client was closed'));
}
