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
  /** Called when a client is gone. */
  gone: (id: string) => void;
}

interface AttachedClient {
  attachment: Attachment;
  request: Attach;
  /** It is being sent what it lacks, and then all that follows. Until then its incarnation has no streams yet. */
  hasBegun: boolean;
}

/** Joins clients with the streams of the containers that they have run. */
export class Attachments {
  readonly #parts: AttachmentsParts;
  /** Of incarnations under way, by container. */
  readonly #streams = new Map<string, Streams>();
  readonly #awaited = new Map<string, AwaitedClient>();
  readonly #clients = new Map<string, AttachedClient>();
  readonly #gone = new Set<string>();

  constructor(parts: AttachmentsParts) {
    this.#parts = parts;
  }

  clientOf(id: string): Client {
    if (this.#clients.has(id)) return 'attached';
    return this.#gone.has(id) ? 'gone' : 'awaited';
  }

  /** An incarnation begins, or is adopted. */
  began(definition: ContainerDefinition, streams: Streams): void {
    const { id } = definition;
    this.#streams.set(id, streams);
    const incarnation = streams.counts?.incarnation ?? 0;
    const client = this.#clients.get(id);
    if (client?.hasBegun === false && client.request.incarnation === incarnation) return this.#begin(id, client);
    if (client !== undefined || !isAttended(definition, incarnation)) return;
    const awaited = new AwaitedClient(`the client of container "${id}"`, () => this.#leave(id));
    this.#awaited.set(id, awaited);
    streams.output.setTap(awaited);
  }

  /** Its streams are drained, and closed. */
  over(id: string, streams: Streams): void {
    if (this.#streams.get(id) !== streams) return;
    this.#streams.delete(id);
    this.#endWait(id);
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
    const client = { attachment, request, hasBegun: false };
    this.#clients.set(id, client);
    this.#gone.delete(id);
    this.#endWait(id);
    if (this.#streams.has(id)) this.#begin(id, client);
    this.changed(record);
  }

  /** Bytes for its standard input. */
  write(id: string, bytes: Buffer): void {
    this.#streams.get(id)?.stdin?.write(bytes);
  }

  /** Bytes for its standard input that it has not taken yet. */
  waitingBytes(id: string): number {
    return this.#streams.get(id)?.stdin?.waitingBytes ?? 0;
  }

  endInput(id: string): void {
    this.#streams.get(id)?.stdin?.end();
  }

  /** The client has taken all that it was sent. */
  drained(id: string): void {
    if (this.#clients.get(id)?.attachment.isCatchingUp === false) this.#streams.get(id)?.output.resume();
  }

  /** The client's connection is closed. */
  detach(id: string, attachment: Attachment): void {
    if (this.#clients.get(id)?.attachment !== attachment) return;
    this.#clients.delete(id);
    this.#gone.add(id);
    this.#leave(id);
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
    client.hasBegun = true;
    const counts = all.of(id, request.incarnation) ?? all.begin(id, request.incarnation);
    const missing = missingOf(counts, request.received);
    const streams = this.#streams.get(id) ?? null;
    streams?.output.hold();
    streams?.output.setTap(attachment);
    const input = request.stdin ? (streams?.stdin ?? null) : null;
    input?.setListener(attachment);
    const attached = { stdin: input?.isOpen === true ? counts.stdin : null };
    attachment.begin(attached, new PastOutput(logOf(id)), missing).then(
      guarded(`the output of container "${id}"`, () => this.drained(id)),
      (error: unknown) => {
        complain(`the output of container "${id}" cannot be sent`, error);
        attachment.fail();
      },
    );
  }

  /** No client gets its output or writes its input any more: it goes on without. */
  #leave(id: string): void {
    this.#endWait(id);
    const streams = this.#streams.get(id);
    streams?.output.setTap(null);
    streams?.output.resume();
    streams?.stdin?.setListener(null);
    streams?.stdin?.end();
  }

  #endWait(id: string): void {
    this.#awaited.get(id)?.[Symbol.dispose]();
    this.#awaited.delete(id);
  }
}

function missingOf(counts: Counts, received: Attach['received']): Missing {
  // It has more where a supervisor was killed before it had counted.
  for (const stream of ['stdout', 'stderr'] as const) counts.atLeast(stream, received[stream]);
  return { stdout: counts.stdout - received.stdout, stderr: counts.stderr - received.stderr };
}
