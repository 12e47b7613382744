import type { StartRequest } from '@plimsoll/core';
import type { Identity } from '../identity.ts';
import { Output } from '../output.ts';
import { firstId } from '../start-config.ts';
import type { ContainerDefinition } from '../protocol.ts';
import { StdinFifo, type StdinParts } from './stdin-fifo.ts';
import type { Counts } from './stream-counts.ts';

/** `run` in the foreground attaches a client to the first incarnation. */
export function isAttended({ attended = false }: ContainerDefinition, incarnation: number): boolean {
  return attended && incarnation === 1;
}

function stdinParts({ host, paths }: Identity, counts: Counts): StdinParts {
  const { stdin: path, stdinStaging: staging } = paths;
  return { loop: host.kernel.loop, path, staging, kept: host.kept, counts };
}

/** In the place of counts that are lost: what was read before is not known, and where the input goes on is not either. */
function lostCounts({ host, definition }: Identity, incarnation: number): Counts {
  const counts = host.counts.begin(definition.id, incarnation);
  counts.setUncertain(true);
  counts.closeStdin(true);
  return counts;
}

/** The standard streams of one incarnation. Disposed of with its end. */
export class Streams implements AsyncDisposable {
  readonly output: Output;
  /** Null: its standard input is empty. */
  readonly stdin: StdinFifo | null;
  /** Null: no client is attached to it, now or later. */
  readonly counts: Counts | null;
  readonly #identity: Identity;

  private constructor(identity: Identity, counts: Counts | null, stdin: StdinFifo | null) {
    const { host, definition, paths } = identity;
    const { loop } = host.kernel;
    this.#identity = identity;
    this.counts = counts;
    this.stdin = stdin;
    this.output = new Output({
      ...{ loop, directory: paths.run, kept: host.kept },
      log: { path: paths.log, gap: host.gaps.of(definition.id) },
      ...(counts !== null && { counts }),
    });
    host.attachments.began(definition.id, this);
  }

  /** Of an incarnation that is about to be started: `started` follows, or it is disposed of. */
  static begin(identity: Identity, incarnation: number): Streams {
    const { host, definition } = identity;
    const { id } = definition;
    const { openStdin = false } = definition;
    if (!openStdin && !isAttended(definition, incarnation)) {
      host.counts.release(id);
      return new Streams(identity, null, null);
    }
    if (openStdin) host.store.makeStdin(id, firstId(identity.config) ?? 0);
    // A client may have come before.
    const counts = host.counts.of(id, incarnation) ?? host.counts.begin(id, incarnation);
    return Streams.#with(identity, counts, openStdin ? StdinFifo.begin(stdinParts(identity, counts)) : null);
  }

  /** Of one that a supervisor before this has started. */
  static adopt(identity: Identity, incarnation: number): Streams {
    const { host, definition } = identity;
    const { id, openStdin = false } = definition;
    const known = host.counts.of(id, incarnation);
    const counts = known ?? (openStdin || isAttended(definition, incarnation) ? lostCounts(identity, incarnation) : null);
    const hasStdin = openStdin && counts !== null;
    const streams = Streams.#with(identity, counts, hasStdin ? StdinFifo.adopt(stdinParts(identity, counts)) : null);
    host.attachments.started(definition, streams);
    return streams;
  }

  static #with(identity: Identity, counts: Counts | null, stdin: StdinFifo | null): Streams {
    try {
      return new Streams(identity, counts, stdin);
    } catch (error) {
      stdin?.[Symbol.dispose]();
      throw error;
    }
  }

  get stdio(): StartRequest['stdio'] {
    return { ...this.output.stdio, ...(this.stdin !== null && { stdin: this.stdin.path }) };
  }

  started(): void {
    const { host, definition } = this.#identity;
    this.stdin?.started();
    host.attachments.started(definition, this);
  }

  /** Never throws: the record of the end follows. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.stdin?.[Symbol.dispose]();
    await this.output[Symbol.asyncDispose]();
    this.#identity.host.attachments.over(this.#identity.definition.id, this);
  }
}
