import { request, type IncomingMessage } from 'node:http';
import type { StateRoot } from '../state-root.ts';
import { lost, notRunning } from './local-credential.ts';

export interface Sent {
  state: StateRoot;
  credential: string;
  path: string;
  /** JSON, which is posted. */
  body?: string;
  signal?: AbortSignal;
}

/** Resolves with the response's head. Throws `unavailable` where nobody listens there, or the connection is lost. */
export async function send({ state, credential, path, body, signal }: Sent): Promise<IncomingMessage> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const headers = {
    authorization: `Bearer ${credential}`,
    ...(body !== undefined && { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }),
  };
  const method = body === undefined ? 'GET' : 'POST';
  const options = {
    ...{ socketPath: state.agentSocket, path, method, headers },
    // A connection for each request: none can have been closed since the one before.
    agent: false,
    // Of TLS. Without one Node looks whether the host is an address, and compiles what recognises IPv6 for it (6 ms).
    servername: '',
    ...(signal !== undefined && { signal }),
  };
  const sent = request(options);
  sent.on('response', resolve).on('error', (error: NodeJS.ErrnoException) => {
    reject(error.code === 'ECONNREFUSED' || error.code === 'ENOENT' ? notRunning(state, error) : lost(error));
  });
  sent.end(body);
  return await promise;
}
