/** A line of a tree as it is drawn. */
export interface TreeRow<Node> {
  node: Node;
  /** 1: outermost. */
  level: number;
  hasChildren: boolean;
  expanded: boolean;
  /** Its place among its siblings, from 1, and how many they are. */
  position: number;
  siblings: number;
  /** It is shown for what is in it, and does not match itself. */
  faded: boolean;
}

interface Shown<Node> {
  expanded: (node: Node) => boolean;
  /** Where given: what matches is shown, and all that it is in; nothing is collapsed. */
  matches?: ((node: Node) => boolean) | undefined;
}

/** Nodes by path (`acme/web`; '' is around all) as the rows of a tree, in the order of names. */
export function treeRows<Node extends { path: string }>(
  nodes: readonly Node[],
  { expanded, matches }: Shown<Node>,
): TreeRow<Node>[] {
  const byPath = new Map(nodes.map((node) => [node.path, node]));
  const wanted = matches === undefined ? null : withAncestors(nodes.filter(matches));
  const children = Map.groupBy(
    nodes.filter(({ path }) => wanted === null || wanted.has(path)),
    ({ path }) => parentOf(path, byPath),
  );
  const rows: TreeRow<Node>[] = [];
  const add = (parent: string | null, level: number): void => {
    const siblings = (children.get(parent) ?? []).toSorted(byName);
    siblings.forEach((node, i) => {
      const hasChildren = children.has(node.path);
      const open = hasChildren && (wanted !== null || expanded(node));
      const faded = matches !== undefined && !matches(node);
      rows.push({ node, level, hasChildren, expanded: open, position: i + 1, siblings: siblings.length, faded });
      if (open) add(node.path, level + 1);
    });
  };
  add(null, 1);
  return rows;
}

/** The paths that a path is in, outermost first: `a/b/c` is in `a` and `a/b`. */
export function ancestors(path: string): string[] {
  const parts = path.split('/');
  return parts.slice(0, -1).map((_, i) => parts.slice(0, i + 1).join('/'));
}

/** The last part of a path. */
export function lastPart(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/** A path as part of a URL: its slashes stay. */
export function urlPath(path: string): string {
  return path.split('/').map(encodeURIComponent).join('/');
}

function parentOf(path: string, byPath: ReadonlyMap<string, unknown>): string | null {
  if (path === '') return null;
  return ancestors(path).findLast((ancestor) => byPath.has(ancestor)) ?? (byPath.has('') ? '' : null);
}

function withAncestors(nodes: readonly { path: string }[]): Set<string> {
  return new Set(nodes.flatMap(({ path }) => ['', ...ancestors(path), path]));
}

/** `session-9` before `session-10`. */
const collator = new Intl.Collator('en', { numeric: true });

function byName(a: { path: string }, b: { path: string }): number {
  return collator.compare(a.path, b.path);
}
