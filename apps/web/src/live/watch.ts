import { decodeSamples, EVENTS, WatchAnswer, type Samples, type WatchRequest } from '@plimsoll/protocol';
import type { AgentConnection } from './connection.ts';

/**
 * Watches for as long as the result is not called, through every reconnect; each (re)connect begins with the history again,
 * which leaves no hole for a break that is shorter than it. The agent keeps one watch a connection: the newest wins.
 */
export function watch(
  connection: AgentConnection,
  request: WatchRequest,
  on: { history: (samples: Samples) => void; frame: (samples: Samples) => void },
): () => void {
  let stopped = false;
  const offConnect = connection.onConnect(() => {
    connection.request(EVENTS.watch, request).then(
      (payload) => {
        const answer = WatchAnswer.safeParse(bytesOf(payload, 'history'));
        const history = answer.success && answer.data.ok ? decoded(answer.data.history) : null;
        if (!stopped && history !== null) on.history(history);
      },
      // Broken off: the next connect asks again.
      () => undefined,
    );
  });
  const offSamples = connection.onEvent(EVENTS.samples, (payload) => {
    const frame = decoded(toBytes(payload));
    if (frame !== null) on.frame(frame);
  });
  return () => {
    stopped = true;
    offConnect();
    offSamples();
    connection.send(EVENTS.unwatch);
  };
}

/** A browser's socket.io hands binary data over as an ArrayBuffer. */
function toBytes(value: unknown): unknown {
  return value instanceof ArrayBuffer ? new Uint8Array(value) : value;
}

function bytesOf(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null && key in value
    ? { ...value, [key]: toBytes((value as Record<string, unknown>)[key]) }
    : value;
}

function decoded(value: unknown): Samples | null {
  if (!(value instanceof Uint8Array)) return null;
  try {
    return decodeSamples(value);
  } catch {
    return null;
  }
}
