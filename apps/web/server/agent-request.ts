import { request } from 'node:http';

const DEADLINE_MS = 12_000;
const MAX_ANSWER_BYTES = 32 * 1024 * 1024;

export interface AgentRequest {
  method: 'GET' | 'POST' | 'DELETE';
  path: '/v1/sessions' | '/v1/command';
  session?: string;
  /** Of the browser on whose behalf it is. */
  address?: string | undefined;
  body?: unknown;
  deadlineMs?: number;
}

/** One JSON request to the agent over its unix socket. Rejects when it cannot be reached, is late, or answers with no JSON. */
export function requestAgent(socketPath: string, options: AgentRequest): Promise<{ status: number; body: unknown }> {
  const payload = JSON.stringify(options.body ?? {});
  const { promise, resolve, reject } = Promise.withResolvers<{ status: number; body: unknown }>();
  const outgoing = request({
    socketPath,
    method: options.method,
    path: options.path,
    headers: {
      host: 'localhost',
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(payload),
      ...(options.session !== undefined && { authorization: `Bearer ${options.session}` }),
      ...(options.address !== undefined && { 'x-forwarded-for': options.address }),
    },
    signal: AbortSignal.timeout(options.deadlineMs ?? DEADLINE_MS),
  });
  outgoing.on('error', reject);
  outgoing.on('response', (answer) => {
    const chunks: Buffer[] = [];
    let size = 0;
    answer.on('data', (chunk: Buffer) => {
      size += chunk.byteLength;
      if (size > MAX_ANSWER_BYTES) answer.destroy(new Error('the agent answered with more than 32 MiB'));
      else chunks.push(chunk);
    });
    answer.on('error', reject);
    answer.on('end', () => {
      const text = Buffer.concat(chunks).toString('utf8');
      try {
        resolve({ status: answer.statusCode ?? 0, body: text === '' ? null : JSON.parse(text) });
      } catch (error) {
        reject(error);
      }
    });
  });
  outgoing.end(payload);
  return promise;
}
