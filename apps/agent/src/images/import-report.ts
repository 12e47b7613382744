/** What an image lacks or has otherwise than its source, by kind, with the first entry of each. */
export class ImportReport {
  readonly #kinds = new Map<string, { phrase: Phrase; count: number; first: string }>();

  add(phrase: Phrase, name: string): void {
    const key = phrase(1);
    const known = this.#kinds.get(key);
    if (known === undefined) this.#kinds.set(key, { phrase, count: 1, first: name });
    else known.count += 1;
  }

  /** A sentence for each kind: `left out: 2 device nodes, the first "dev/null"`. */
  get notes(): string[] {
    return [...this.#kinds.values()].map(({ phrase, count, first }) => {
      const which = count === 1 ? '' : 'the first ';
      return `${phrase(count)}, ${which}${quoteName(first)}`;
    });
  }
}

/** What a report says of so many entries. */
export type Phrase = (count: number) => string;

export const leftOut =
  (one: string, many = `${one}s`): Phrase =>
  (count) =>
    `left out: ${count} ${count === 1 ? one : many}`;

const FILE_CAPABILITIES = leftOut('file capability', 'file capabilities');
const OTHER_ATTRIBUTES = leftOut('other extended attribute');
export const TIMES: Phrase = (count) =>
  `changed: the time of ${entries(count)}, which lies before 1970 or after 2038-01-19 03:14:07 UTC`;
export const HIGH_IDS: Phrase = (count) =>
  `kept: the owner of ${entries(count)}, an id above 65535, which a container with ids of its own sees as 65534 (nobody)`;

/** Of an extended attribute that is not carried over (xattr(7)). What SELinux and the overlay below have put there says nothing of the image. */
export function reportAttribute(attribute: string, name: string, report: ImportReport): void {
  if (attribute === 'security.capability') report.add(FILE_CAPABILITIES, name);
  else if (!/^(?:security\.selinux$|trusted\.overlay\.|user\.overlay\.)/.test(attribute)) report.add(OTHER_ATTRIBUTES, name);
}

function entries(count: number): string {
  return count === 1 ? 'one entry' : `${count} entries`;
}

/** A name from an archive as it may stand in a message: control characters escaped, cut at 120 characters. */
export function quoteName(name: string): string {
  return JSON.stringify(name.length > 120 ? `${name.slice(0, 120)}…` : name);
}
