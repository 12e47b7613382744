/** Rows of containers and groups count up from 1: the two never meet. */
const FIRST = 2 ** 31;
/** Names of what is long gone are not kept for good. */
const MOST_KEPT = 65_536;

/** The row numbers of the host's cgroups: of one path always the same, and no number twice. */
export class Handles {
  readonly #ofPath = new Map<string, number>();
  #next = FIRST;

  of(path: string): number {
    const known = this.#ofPath.get(path);
    if (known !== undefined) return known;
    const handle = this.#next--;
    this.#ofPath.set(path, handle);
    return handle;
  }

  /** Forgets the paths that are not `present`, once there are very many. */
  keep(present: ReadonlySet<string>): void {
    if (this.#ofPath.size <= MOST_KEPT) return;
    for (const path of this.#ofPath.keys()) if (!present.has(path)) this.#ofPath.delete(path);
  }
}
