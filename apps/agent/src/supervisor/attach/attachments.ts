import { setTimeout as delay } from 'node:timers/promises';
import { guarded } from '@plimsoll/core/guarded';
import { PlimsollError } from '@plimsoll/protocol';
import type { Attach } from '../../attach/messages.ts';
import { complain } from '../complain.ts';
import type { Container } from '../container/container.ts';
import type { ContainerDefinition, ContainerRecord } from '../protocol.ts';
import { AwaitedClient } from './awaited-client.ts';
import type { Attachment, Missing } from './attachment.ts';
import { PastOutput } from './past-output.ts';
import { isAttended, type Streams } from './streams.ts';
import type { Counts, StreamCounts } from './stream-counts.ts';

/** How long the end of this process waits for clients. */
const SETTLE_MS = 5000;
const LOOK_AGAIN_MS = 10;

/** Whether the client of an attended container is there, has been and is gone, or is still to come. */
export type Client = 'attached' | 'gone' | 'awaited';

export interface AttachmentsParts {
  counts: StreamCounts;
  /** Path of a container's log. */
  logOf: (id: string) => string;
  /** A container that was not removed. */
  isThere: (id: string) => boolean;
  /** Called when the client of one is gone. */
  gone: (id: string) => void;
}

interface AttachedClient {
  attachment: Attachment;
  request: Attach;
  /** It is being sent what it lacks, and then all that follows. Until then its incarnation has no streams yet. */
  hasBegun: boolean;
  /** Of its incarnation; null: they are not there yet, or not any more. */
  streams: Streams | null;
}

/** Joins clients with the streams of the containers that they have run. */
export class Attachments {
  readonly #parts: AttachmentsParts;
  /** Of incarnations under way, by container. */
  readonly #streams = new Map<string, Streams>();
  readonly #awaited = new Map<string, AwaitedClient>();
  readonly #clients = new Map<string, AttachedClient>();
  /** Containers that are still there. */
  readonly #gone = new Set<string>();
  #isListening = false;

  constructor(parts: AttachmentsParts) {
    this.#parts = parts;
  }

  clientOf(id: string): Client {
    if (this.#clients.has(id)) return 'attached';
    return this.#gone.has(id) ? 'gone' : 'awaited';
  }

  /** An incarnation is about to be started, or is adopted. */
  began(id: string, streams: Streams): void {
    this.#streams.set(id, streams);
    const client = this.#clients.get(id);
    if (client?.hasBegun === false && client.request.incarnation === streams.counts?.incarnation) this.#begin(id, client);
  }

  /** Its command runs: from now on its client is awaited. */
  started(definition: ContainerDefinition, streams: Streams): void {
    const { id } = definition;
    if (this.#clients.has(id) || !isAttended(definition, streams.counts?.incarnation ?? 0)) return;
    if (this.#gone.has(id)) return leave(streams);
    const awaited = new AwaitedClient({
      what: `the client of container "${id}"`,
      releaseOutput: () => release(streams),
      endInput: () => {
        this.#endWait(id);
        leave(streams);
      },
    });
    this.#awaited.set(id, awaited);
    streams.output.setTap(awaited);
    if (this.#isListening) awaited.expect();
  }

  /** Clients can connect from now on: those of adopted containers have no less time than others. */
  listens(): void {
    this.#isListening = true;
    for (const awaited of this.#awaited.values()) awaited.expect();
  }

  /** Its streams are drained, and closed. */
  over(id: string, streams: Streams): void {
    if (this.#streams.get(id) !== streams) return;
    this.#streams.delete(id);
    this.#endWait(id);
    const client = this.#clients.get(id);
    if (client?.streams === streams) client.streams = null;
  }

  /**
   * Sends an incarnation's output to a client, from where the client has it, until `detach`; one that starts is waited for. Throws `conflict`
   * where another client is attached, `wrong-state` where the incarnation is over for long or has no client.
   */
  attach(attachment: Attachment, request: Attach, { definition, record }: Pick<Container, 'definition' | 'record'>): void {
    const { container: id, incarnation } = request;
    if (this.#clients.has(id)) throw new PlimsollError('conflict', `a client is attached to container "${record.name}" already`);
    if (!isAttended(definition, incarnation) || record.incarnation > incarnation) {
      throw new PlimsollError('wrong-state', `run ${incarnation} of container "${record.name}" has no client`);
    }
    const client: AttachedClient = { attachment, request, hasBegun: false, streams: null };
    this.#clients.set(id, client);
    this.#gone.delete(id);
    this.#endWait(id);
    if (this.#streams.has(id)) this.#begin(id, client);
    this.changed(record);
  }

  /** Bytes for its standard input. */
  write(id: string, bytes: Buffer): void {
    this.#clients.get(id)?.streams?.stdin?.write(bytes);
  }

  /** Bytes for its standard input that are not on their way yet. */
  waitingBytes(id: string): number {
    return this.#clients.get(id)?.streams?.stdin?.waitingBytes ?? 0;
  }

  endInput(id: string): void {
    this.#clients.get(id)?.streams?.stdin?.end();
  }

  /** The client has taken all that it was sent. */
  drained(id: string): void {
    const client = this.#clients.get(id);
    if (client?.attachment.isCatchingUp === false) client.streams?.output.resume();
  }

  /** The client's connection is closed. */
  detach(id: string, attachment: Attachment): void {
    const client = this.#clients.get(id);
    if (client?.attachment !== attachment) return;
    this.#clients.delete(id);
    if (client.streams !== null) leave(client.streams);
    if (!this.#parts.isThere(id)) return;
    this.#gone.add(id);
    this.#parts.gone(id);
  }

  /** The state of a container has changed: a client learns of its end. */
  changed(record: ContainerRecord): void {
    const { id, state } = record;
    const client = this.#clients.get(id);
    const isOver = state.status === 'failed' || (state.status === 'exited' && client?.request.incarnation === record.incarnation);
    if (client === undefined || !isOver) return;
    // Its start was over before it came to streams.
    if (!client.hasBegun) this.#begin(id, client);
    client.attachment.finish(record);
  }

  /** Resolves when every client that was sent the end of its container has taken it, or has taken too long. */
  async settled(): Promise<void> {
    const endsMs = performance.now() + SETTLE_MS;
    const isTaking = ({ attachment }: AttachedClient): boolean => attachment.isFinished;
    while ([...this.#clients.values()].some(isTaking) && performance.now() < endsMs) await delay(LOOK_AGAIN_MS);
  }

  removed(id: string): void {
    this.#clients.get(id)?.attachment.finish(null);
    this.#gone.delete(id);
    this.#endWait(id);
    this.#parts.counts.release(id);
  }

  #begin(id: string, client: AttachedClient): void {
    const { attachment, request } = client;
    const { counts: all, logOf } = this.#parts;
    const streams = this.#streams.get(id) ?? null;
    client.hasBegun = true;
    client.streams = streams;
    const counts = all.of(id, request.incarnation) ?? all.begin(id, request.incarnation);
    const missing = missingOf(counts, request.received);
    streams?.output.hold();
    streams?.output.setTap(attachment);
    const input = request.stdin ? (streams?.stdin ?? null) : null;
    input?.setListener(attachment);
    const attached = { stdin: input?.isOpen === true ? counts.staged : null, isCut: counts.isStdinCut };
    const { isUncertain } = counts;
    if (isUncertain) counts.setUncertain(false);
    attachment.begin({ attached, isUncertain }, new PastOutput(logOf(id)), missing).then(
      guarded(`the output of container "${id}"`, () => this.drained(id)),
      (error: unknown) => {
        complain(`the output of container "${id}" cannot be sent`, error);
        attachment.fail(
          new PlimsollError('internal', 'what it has written before cannot be read: its log is damaged, or its disk'),
        );
      },
    );
  }

  #endWait(id: string): void {
    this.#awaited.get(id)?.[Symbol.dispose]();
    this.#awaited.delete(id);
  }
}

/** No client gets its output or writes its input any more: the container goes on without. */
function leave(streams: Streams): void {
  const { stdin } = streams;
  release(streams);
  stdin?.setListener(null);
  stdin?.end(true);
}

/** The container's output waits for no client. */
function release({ output }: Streams): void {
  output.setTap(null);
  output.resume();
}

function missingOf(counts: Counts, received: Attach['received']): Missing {
  // It has more where a supervisor was killed before it had counted.
  for (const stream of ['stdout', 'stderr'] as const) counts.atLeast(stream, received[stream]);
  return { from: { ...received }, to: { stdout: counts.stdout, stderr: counts.stderr } };
}
