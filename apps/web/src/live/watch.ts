import { decodeSamples, EVENTS, WatchAnswer, type HostCgroup, type Samples, type WatchRequest } from '@plimsoll/protocol';
import type { AgentConnection } from './connection.ts';

interface Watcher {
  /** Beside a history of the kernel, the cgroups that its rows are of. */
  history: (samples: Samples, cgroups: readonly HostCgroup[]) => void;
  frame: (samples: Samples) => void;
}

/**
 * Watches for as long as the result is not called, through every reconnect; each (re)connect begins with the history again,
 * which leaves no hole for a break that is shorter than it. The agent keeps one watch a connection: the newest wins.
 */
export function watch(connection: AgentConnection, request: WatchRequest, on: Watcher): () => void {
  let stopped = false;
  // What comes before the answer is a frame of the watch before this one.
  let answered = false;
  const offConnect = connection.onConnect(() => {
    answered = false;
    connection.request(EVENTS.watch, request).then(
      (payload) => {
        const answer = WatchAnswer.safeParse(bytesOf(payload, 'history'));
        if (stopped || !answer.success || !answer.data.ok) return;
        answered = true;
        const history = decoded(answer.data.history);
        if (history !== null) on.history(history, answer.data.cgroups ?? []);
      },
      // Broken off: the next connect asks again.
      () => undefined,
    );
  });
  const offSamples = connection.onEvent(EVENTS.samples, (payload) => {
    const frame = answered ? decoded(toBytes(payload)) : null;
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
