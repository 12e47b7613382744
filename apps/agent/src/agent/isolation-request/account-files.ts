import { findInImage, MOST_BYTES, readInImage } from './read-in-image.ts';

/** Lines of a file that are read. An entry takes some 40 bytes, so that a file of 1 MiB with more lines has no accounts in most of them. */
export const MOST_LINES = 32_768;

const FILES = { user: 'etc/passwd', group: 'etc/group' } as const;
/** Fields of a line that are used (passwd(5), group(5)). */
const FIELDS = { user: 6, group: 4 } as const;

/** passwd(5). The image may have any text as the name and the home directory. */
export interface User {
  name: string;
  uid: number;
  /** NaN where the field is no number. */
  gid: number;
  home: string;
}

/** Ids of groups by the names that were looked up, and of those that have the user as a member, in the order of the file. */
export interface Groups {
  ids: Map<string, number>;
  memberOf: number[];
}

/**
 * The accounts of one image, for one request: each file is read at most once, and only for a lookup that needs it. An image may have
 * written anything there, and the agent reads it in its event loop: a lookup walks the lines and stops at the one that it needs.
 */
export class AccountFiles {
  readonly #layers: readonly string[];
  readonly #texts = new Map<'user' | 'group', string>();
  readonly #users = new Map<string, User | null>();

  /** `layers`: the image's root directories, topmost first. */
  constructor(layers: readonly string[]) {
    this.#layers = layers;
  }

  /** The first user of that name or, where it is a number, of that name or number. Null: there is none. */
  user(nameOrId: string): User | null {
    let user = this.#users.get(nameOrId);
    if (user === undefined) {
      user = this.#find(nameOrId);
      this.#users.set(nameOrId, user);
    }
    return user;
  }

  /** One walk for all. `member`: the user whose memberships are needed; null: none. */
  groups(names: ReadonlySet<string>, member: string | null): Groups {
    const groups: Groups = { ids: new Map(), memberOf: [] };
    for (const [name = '', , id, members = ''] of this.#entries('group')) {
      if (names.has(name) && !groups.ids.has(name)) groups.ids.set(name, Number(id));
      if (member !== null) {
        if (isMember(members, member)) groups.memberOf.push(Number(id));
      } else if (groups.ids.size === names.size) {
        break;
      }
    }
    return groups;
  }

  /** Why a lookup in a file may have missed an entry of it; empty: it has seen the whole file. */
  limitOf(file: 'user' | 'group'): string {
    const text = this.#text(file);
    if (text === '') {
      const stats = this.#layers.map((layer) => findInImage(layer, FILES[file])?.stat);
      return stats.some((stat) => stat?.isFile() === true && stat.size > MOST_BYTES)
        ? ', which is ignored: it is larger than 1 MiB'
        : '';
    }
    return countLines(text) > MOST_LINES ? `, of which the first ${MOST_LINES} lines are read` : '';
  }

  #find(nameOrId: string): User | null {
    const wanted = isNumber(nameOrId) ? Number(nameOrId) : null;
    for (const [name = '', , id, gid = '0', , home = ''] of this.#entries('user')) {
      if (name === nameOrId || Number(id) === wanted) return { name, uid: Number(id), gid: Number(gid), home };
    }
    return null;
  }

  /** Lines without a name, or without an id as the third field, are left out. */
  *#entries(file: 'user' | 'group'): Generator<string[]> {
    for (const line of linesOf(this.#text(file))) {
      const fields = line.split(':', FIELDS[file]);
      if (fields[0] !== '' && isId(fields[2])) yield fields;
    }
  }

  #text(file: 'user' | 'group'): string {
    let text = this.#texts.get(file);
    if (text === undefined) {
      text = this.#read(FILES[file]);
      this.#texts.set(file, text);
    }
    return text;
  }

  #read(path: string): string {
    for (const layer of this.#layers) {
      const text = readInImage(layer, path);
      if (text !== null) return text;
    }
    return '';
  }
}

export function isNumber(text: string): boolean {
  return /^\d+$/.test(text);
}

function isId(text: string | undefined): boolean {
  return text !== undefined && isNumber(text) && Number(text) < 0xffff_ffff;
}

/** A list of names with commas between them. */
function isMember(members: string, name: string): boolean {
  return !name.includes(',') && `,${members},`.includes(`,${name},`);
}

/** At most MOST_LINES of a text, each made as it is reached. */
function* linesOf(text: string): Generator<string> {
  for (let from = 0, lines = 0; from < text.length && lines < MOST_LINES; lines++) {
    const newline = text.indexOf('\n', from);
    const end = newline === -1 ? text.length : newline;
    yield text.slice(from, end);
    from = end + 1;
  }
}

/** Up to one more than MOST_LINES. */
function countLines(text: string): number {
  let lines = 0;
  for (let from = 0; from < text.length && lines <= MOST_LINES; lines++) {
    const newline = text.indexOf('\n', from);
    from = newline === -1 ? text.length : newline + 1;
  }
  return lines;
}
