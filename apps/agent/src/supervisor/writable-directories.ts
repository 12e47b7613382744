import { statSync } from 'node:fs';
import { directoryIdentity } from '@plimsoll/core';
import type { ContainerRecord } from './protocol.ts';
import type { FindWritable } from './start-plan.ts';

interface Surroundings {
  /** Directories of this Plimsoll that have containers' files: their layers, and volumes. */
  own: readonly string[];
  records: () => readonly ContainerRecord[];
}

/**
 * What a container may write to, running or not, may have symbolic links of its making: those directories of Plimsoll's own, and
 * sources of binds that are not read-only.
 */
export function findWritable({ own, records }: Surroundings): FindWritable {
  const isOwn = (source: string) => own.some((directory) => source.startsWith(`${directory}/`));
  return ({ mounts }) => {
    const sources = mounts.filter(({ type }) => type === 'bind').map(({ source }) => source);
    if (sources.length === 0) return new Map();
    const found = new Map<string, string>();
    const add = (path: string, whose: string) => {
      const identity = identityOf(path);
      if (identity !== null) found.set(identity, whose);
    };
    for (const directory of own) add(directory, `${directory}, where containers write`);
    if (sources.every(isOwn)) return found;
    for (const { path, name } of outermost(records())) add(path, `${path}, which container "${name}" may write to`);
    return found;
  };
}

/** Null: it is no directory, or cannot be reached any more. */
function identityOf(path: string): string | null {
  try {
    const stat = statSync(path, { bigint: true });
    return stat.isDirectory() ? directoryIdentity(stat) : null;
  } catch {
    return null;
  }
}

interface WritableBind {
  path: string;
  name: string;
}

/** What lies within another one's directory is found below that, and may be a link of its making. */
function outermost(records: readonly ContainerRecord[]): WritableBind[] {
  const binds = records.flatMap(({ name, mounts }) =>
    mounts.flatMap((mount) => (mount.kind === 'bind' && !mount.readOnly ? [{ path: mount.source, name }] : [])),
  );
  const byPath = new Map(binds.map((bind) => [bind.path, bind]));
  return [...byPath.values()].filter(({ path }) => !ancestorsOf(path).some((above) => byPath.has(above)));
}

function ancestorsOf(path: string): string[] {
  const parts = path.split('/');
  return parts.slice(0, -1).map((_, i) => parts.slice(0, i + 1).join('/') || '/');
}
