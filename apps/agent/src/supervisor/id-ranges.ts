import { randomInt } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { IDS_IN_A_RANGE, type IdRanges } from '@plimsoll/core';

/**
 * Ids 1048576000 to 1835007999, in ranges of 65,536: above what useradd gives to people (login.defs), within what systemd
 * has for containers (uid-gid.md), and below 2^31, which some programs take for a sign.
 */
const FIRST_RANGE = 16_000;
const RANGES = 12_000;

/**
 * Which ranges of host ids are whose. A container keeps its range for its life, since its files on disk are owned by it; and
 * nobody else has it, not even another Plimsoll on this host, but by a chance of one in thousands: it is drawn by lot.
 */
export class DrawnIdRanges implements IdRanges {
  readonly #taken: Set<number>;

  /** `reserved`: ids that something else on this host was given (subuid(5)). */
  constructor(reserved: readonly IdSpan[] = reservedIds()) {
    this.#taken = new Set(reserved.flatMap(rangesWithin));
  }

  take(): number {
    if (this.#taken.size >= RANGES) throw new RangeError('every range of user ids is taken');
    for (;;) {
      const first = (FIRST_RANGE + randomInt(RANGES)) * IDS_IN_A_RANGE;
      if (this.#taken.has(first)) continue;
      this.#taken.add(first);
      return first;
    }
  }

  /** One that a container had before this supervisor. */
  claim(first: number): void {
    this.#taken.add(first);
  }

  release(first: number): void {
    this.#taken.delete(first);
  }
}

export interface IdSpan {
  first: number;
  count: number;
}

function rangesWithin({ first, count }: IdSpan): number[] {
  const from = Math.max(FIRST_RANGE, Math.floor(first / IDS_IN_A_RANGE));
  const to = Math.min(FIRST_RANGE + RANGES, Math.ceil((first + count) / IDS_IN_A_RANGE));
  return Array.from({ length: Math.max(0, to - from) }, (_, i) => (from + i) * IDS_IN_A_RANGE);
}

/** subuid(5): `name:first:count`. */
export function reservedIds(): IdSpan[] {
  return ['/etc/subuid', '/etc/subgid'].flatMap((path) => parseSubordinateIds(readIfThere(path)));
}

export function parseSubordinateIds(text: string): IdSpan[] {
  const rows = text.split('\n').map((line) => /^[^:#]+:(\d+):(\d+)$/.exec(line.trim()));
  return rows.filter((row) => row !== null).map(([, first, count]) => ({ first: Number(first), count: Number(count) }));
}

function readIfThere(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
