import { NamespaceType, type ContainerNamespace, type HostNamespace, type HostNamespaces } from './isolation.ts';

/** The namespaces that the first process of a container is in, one of each type that the kernel has. */
export interface MatrixRow {
  id: string;
  name: string;
  cells: Partial<Record<NamespaceType, HostNamespace>>;
}

export interface NamespaceMatrix {
  /** Those that the kernel has. */
  types: NamespaceType[];
  /** What Plimsoll itself runs in. */
  host: MatrixRow['cells'];
  /** By name. */
  rows: MatrixRow[];
  /** What is left: not the host's, and no container's first process is in it. */
  others: HostNamespace[];
}

const HOST = '';

/** The same namespaces with a row for each container. */
export function namespaceMatrix({ namespaces }: Pick<HostNamespaces, 'namespaces'>): NamespaceMatrix {
  const rows = new Map<string, MatrixRow>();
  const cellsOf = (id: string, name: string): MatrixRow['cells'] => {
    const row = rows.get(id) ?? { id, name, cells: {} };
    rows.set(id, row);
    return row.cells;
  };
  const host = cellsOf(HOST, '');
  for (const namespace of namespaces) {
    if (namespace.isHost) host[namespace.type] = namespace;
    for (const { id, name, first } of namespace.containers) if (first) cellsOf(id, name)[namespace.type] = namespace;
  }
  rows.delete(HOST);
  return {
    types: NamespaceType.options.filter((type) => host[type] !== undefined),
    host,
    rows: [...rows.values()].toSorted((a, b) => collator.compare(a.name, b.name)),
    others: namespaces.filter(({ isHost, containers }) => !isHost && !containers.some(({ first }) => first)),
  };
}

/** `web-9` before `web-10`. */
const collator = new Intl.Collator('en', { numeric: true });

/** With whom a container shares one of its namespaces. */
export function sharingOf({ type, inode, containers, otherProcesses, isHost }: HostNamespace, id: string): ContainerNamespace {
  const others = containers.filter((one) => one.id !== id).map(({ id: other, name }) => ({ id: other, name }));
  const sharedWith = isHost ? 'host' : others.length + otherProcesses > 0 ? 'others' : 'own';
  return { type, inode, sharedWith, containers: others, otherProcesses };
}
