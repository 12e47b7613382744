import { createServer, type Server, type Socket } from 'node:net';
import { guarded } from '@plimsoll/core/guarded';
import { parseRequest, PlimsollError } from '@plimsoll/protocol';
import { decodeMessage, encodeMessage, FrameReader, MalformedFrame, MOST_FRAME_BYTES } from '../../attach/frame.ts';
import { Attach } from '../../attach/messages.ts';
import type { Containers } from '../containers.ts';
import { Attachment } from './attachment.ts';
import type { Attachments } from './attachments.ts';

/** For a connection to say which container it is for. */
const ATTACH_WITHIN_MS = 10_000;
const MOST_CONNECTIONS = 1024;
/** Of standard input that a container has not taken yet. A client of this version sends a quarter of it. */
const MOST_WAITING_BYTES = 1024 * 1024;

/** In the log, of an error in a callback. */
const WHAT = 'a connection of an attached client';

export interface AttachParts {
  containers: Pick<Containers, 'get'>;
  attachments: Attachments;
  /** Any error as it crosses the border. */
  failure: (error: unknown) => PlimsollError;
}

/** The socket on which clients get the output of the containers that they have run, and write their input: frame.ts. Only root reaches it (0600). */
export function serveAttach(parts: AttachParts): Server {
  let connections = 0;
  const accept = (socket: Socket): void => {
    connections++;
    socket.on(
      'close',
      guarded(WHAT, () => connections--),
    );
    socket.on('error', () => socket.destroy());
    if (connections > MOST_CONNECTIONS) return tooMany(socket);
    connected(socket, parts);
  };
  return createServer(guarded(WHAT, accept));
}

function tooMany(socket: Socket): void {
  const message = `${MOST_CONNECTIONS} clients are attached to containers already`;
  socket.end(encodeMessage('error', new PlimsollError('too-many', message).toBody()));
  // It reads nothing of what it is sent.
  socket.resume();
}

function connected(socket: Socket, { containers, attachments, failure }: AttachParts): void {
  const reader = new FrameReader(MOST_FRAME_BYTES);
  const attachment = new Attachment(socket);
  let id: string | null = null;
  const deadline = setTimeout(
    guarded(WHAT, () => socket.destroy()),
    ATTACH_WITHIN_MS,
  );
  const attach = (payload: Buffer): void => {
    const request = parseRequest(Attach, decodeMessage(payload), 'attach');
    const container = containers.get(request.container);
    clearTimeout(deadline);
    // Before it is attached: what fails then closes the connection, and detaches it.
    id = request.container;
    attachments.attach(attachment, request, container);
  };
  const refuse = (error: unknown): void => {
    // Frames that still come are none of a client.
    if (id !== null) attachments.detach(id, attachment);
    id = null;
    const known = error instanceof SyntaxError ? new PlimsollError('bad-request', 'a message that is not JSON') : failure(error);
    socket.end(encodeMessage('error', known.toBody()));
  };
  const received = (chunk: Buffer): void => {
    try {
      for (const { kind, payload } of reader.push(chunk)) {
        if (id === null && kind === 'attach') attach(payload);
        else if (id !== null && kind === 'stdin' && payload.length > 0) attachments.write(id, Buffer.from(payload));
        else if (id !== null && kind === 'stdinEnd') attachments.endInput(id);
        else throw new MalformedFrame(`a ${kind} frame at this place`);
      }
    } catch (error) {
      if (!(error instanceof MalformedFrame)) return refuse(error);
      return void socket.destroy();
    }
    if (id !== null && attachments.waitingBytes(id) > MOST_WAITING_BYTES) socket.destroy();
  };
  const closed = (): void => {
    clearTimeout(deadline);
    if (id !== null) attachments.detach(id, attachment);
  };
  socket.on('data', guarded(WHAT, received));
  socket.on('close', guarded(WHAT, closed));
  socket.on(
    'drain',
    guarded(WHAT, () => id !== null && attachments.drained(id)),
  );
}
