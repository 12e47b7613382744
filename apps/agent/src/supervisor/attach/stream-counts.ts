import { closeSync, fstatSync, openSync, readSync, writeSync } from 'node:fs';
import { complain } from '../complain.ts';
import { setAsideUnlessFile } from '../../stores/set-aside.ts';

/**
 * A slot: id, incarnation, whether stdin is closed (1; 2: its client stayed away), whether output is being read, bytes of each stream, all
 * little-endian.
 */
const SLOT = {
  ...{ size: 48, id: 0, incarnation: 8, isStdinClosed: 12, isReading: 13 },
  ...{ stdout: 16, stderr: 24, stdin: 32, staged: 40 },
} as const;
/** More slots than containers ever were attended at once. */
const MOST_SLOTS = 65_536;

/** `staged`: input that is on its way to the container, what that has included. */
type CountedStream = 'stdout' | 'stderr' | 'stdin' | 'staged';

/** How many bytes of each stream of one incarnation have passed. */
export interface Counts {
  readonly incarnation: number;
  readonly stdout: number;
  readonly stderr: number;
  readonly stdin: number;
  readonly staged: number;
  readonly isStdinClosed: boolean;
  /** It was closed since its client stayed away. */
  readonly isStdinCut: boolean;
  /** Output may be missing that is not counted: a supervisor was killed while it read some, or its counts are lost. */
  readonly isUncertain: boolean;
  /** Output is about to be read; `add` follows, or `readNothing`. */
  reads(): void;
  readNothing(): void;
  add(stream: CountedStream, bytes: number): void;
  /** Its client has received so many, which is the truth where a kill came between. */
  atLeast(stream: CountedStream, bytes: number): void;
  closeStdin(isCut: boolean): void;
  /** From now on it is uncertain, or known to its client that it is. */
  setUncertain(isUncertain: boolean): void;
}

/**
 * The counts of all attended incarnations, in one file of fixed slots: they survive a kill of this process, and a client that comes back
 * gets what it lacks. They are of no worth after a reboot.
 */
export class StreamCounts implements Disposable {
  /** Null: there is no file, and the counts are in memory alone. */
  readonly #fd: number | null;
  readonly #byId = new Map<string, SlotCounts>();
  readonly #free: number[] = [];
  #slots = 0;

  constructor(path: string) {
    this.#fd = open(path);
    this.#restore();
  }

  /** Of an incarnation that begins. */
  begin(id: string, incarnation: number): Counts {
    const slot = this.#byId.get(id)?.slot ?? this.#free.pop() ?? this.#slots++;
    const counts = new SlotCounts(this.#fd, slot, { id, incarnation });
    counts.save();
    this.#byId.set(id, counts);
    return counts;
  }

  /** Undefined: that incarnation is not attended, or its counts are lost. */
  of(id: string, incarnation: number): Counts | undefined {
    const counts = this.#byId.get(id);
    return counts?.incarnation === incarnation ? counts : undefined;
  }

  get ids(): string[] {
    return [...this.#byId.keys()];
  }

  /** Its container is gone, or begins an incarnation that is not attended. */
  release(id: string): void {
    const counts = this.#byId.get(id);
    if (counts === undefined) return;
    this.#byId.delete(id);
    this.#free.push(counts.slot);
    counts.clear();
  }

  [Symbol.dispose](): void {
    if (this.#fd !== null) closeSync(this.#fd);
  }

  #restore(): void {
    if (this.#fd === null) return;
    const bytes = Buffer.alloc(Math.min(fstatSync(this.#fd).size, MOST_SLOTS * SLOT.size));
    readSync(this.#fd, bytes, 0, bytes.length, 0);
    this.#slots = Math.floor(bytes.length / SLOT.size);
    for (let slot = 0; slot < this.#slots; slot++) {
      const counts = SlotCounts.read(this.#fd, slot, bytes.subarray(slot * SLOT.size, (slot + 1) * SLOT.size));
      if (counts === null) this.#free.push(slot);
      else this.#byId.set(counts.id, counts);
    }
  }
}

class SlotCounts implements Counts {
  readonly id: string;
  readonly incarnation: number;
  readonly slot: number;
  readonly #fd: number | null;
  readonly #bytes = Buffer.alloc(SLOT.size);
  isUncertain = false;

  constructor(fd: number | null, slot: number, { id, incarnation }: { id: string; incarnation: number }) {
    this.#fd = fd;
    this.slot = slot;
    this.id = id;
    this.incarnation = incarnation;
    this.#bytes.write(id, SLOT.id, 'hex');
    this.#bytes.writeUInt32LE(incarnation, SLOT.incarnation);
  }

  /** Null: the slot is free. */
  static read(fd: number, slot: number, bytes: Buffer): SlotCounts | null {
    const incarnation = bytes.readUInt32LE(SLOT.incarnation);
    if (incarnation === 0) return null;
    const counts = new SlotCounts(fd, slot, { id: bytes.toString('hex', SLOT.id, SLOT.id + 8), incarnation });
    bytes.copy(counts.#bytes);
    counts.isUncertain = bytes[SLOT.isReading] !== 0;
    return counts;
  }

  get stdout(): number {
    return this.#count('stdout');
  }

  get stderr(): number {
    return this.#count('stderr');
  }

  get stdin(): number {
    return this.#count('stdin');
  }

  get staged(): number {
    return this.#count('staged');
  }

  get isStdinClosed(): boolean {
    return this.#bytes[SLOT.isStdinClosed] !== 0;
  }

  get isStdinCut(): boolean {
    return this.#bytes[SLOT.isStdinClosed] === 2;
  }

  reads(): void {
    this.#bytes[SLOT.isReading] = 1;
    this.save();
  }

  readNothing(): void {
    this.#setReading();
    this.save();
  }

  setUncertain(isUncertain: boolean): void {
    this.isUncertain = isUncertain;
    this.readNothing();
  }

  add(stream: CountedStream, bytes: number): void {
    this.#setReading();
    this.#set(stream, this.#count(stream) + bytes);
  }

  atLeast(stream: CountedStream, bytes: number): void {
    if (bytes > this.#count(stream)) this.#set(stream, bytes);
  }

  closeStdin(isCut: boolean): void {
    this.#bytes[SLOT.isStdinClosed] = isCut ? 2 : 1;
    this.save();
  }

  clear(): void {
    this.#bytes.fill(0);
    this.save();
  }

  save(): void {
    if (this.#fd === null) return;
    try {
      writeSync(this.#fd, this.#bytes, 0, SLOT.size, this.slot * SLOT.size);
    } catch {
      // No room: they are in memory.
    }
  }

  /** What was found uncertain stays so, until its client knows. */
  #setReading(): void {
    this.#bytes[SLOT.isReading] = this.isUncertain ? 1 : 0;
  }

  #count(stream: CountedStream): number {
    return Number(this.#bytes.readBigUInt64LE(SLOT[stream]));
  }

  #set(stream: CountedStream, count: number): void {
    this.#bytes.writeBigUInt64LE(BigInt(count), SLOT[stream]);
    this.save();
  }
}

function open(path: string): number | null {
  try {
    setAsideUnlessFile(path);
    closeSync(openSync(path, 'a', 0o600));
    return openSync(path, 'r+');
  } catch (error) {
    complain(`${path} cannot be opened: attached clients miss output if this supervisor is killed`, error);
    return null;
  }
}
