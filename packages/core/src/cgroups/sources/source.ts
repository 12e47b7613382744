import type { CgroupLayout, Controller } from '../layout.ts';
import type { CgroupReading } from '../reading.ts';

/** What is read: a cgroup, and the process whose network counts as its own. */
export interface Target {
  /** `plimsoll/acme/0123456789abcdef`; '' is the root. */
  readonly path: string;
  readonly pid: number | null;
  /** It is not in the hierarchy of a source's first file, and the other one is read. */
  readonly lacksFirst: boolean;
}

/** One file that a reading is made from, of whichever cgroup. */
export interface Source {
  readonly pathOf: (target: Target) => string;
  /** Another file with the same news, for a cgroup that lacks the first; `take` can tell them apart. */
  readonly otherOf?: (target: Target) => string;
  /** Room for its content; the kernel's text is well below. What fills it is taken as cut off, and not used. */
  readonly bytes: number;
  /** Its content is `bytes` from `start` to `end`. */
  readonly take: (bytes: Uint8Array, start: number, end: number, reading: CgroupReading) => void;
}

/** Room for one number, or a few short lines. */
export const SMALL = 512;

/** `file` of the cgroup in that controller's hierarchy; none where this host lacks the controller. */
export function controllerFile(
  { controllers }: CgroupLayout,
  controller: Controller,
  file: string,
  bytes: number,
  take: Source['take'],
): Source[] {
  const mount = controllers.get(controller)?.mount;
  return mount === undefined ? [] : [{ pathOf: fileBelow(mount, file), bytes, take }];
}

/** The same in the v2 tree. */
export function unifiedFile({ unified }: CgroupLayout, file: string, bytes: number, take: Source['take']): Source[] {
  return unified === null ? [] : [{ pathOf: fileBelow(unified, file), bytes, take }];
}

export function fileBelow(mount: string, file: string): (target: Target) => string {
  return ({ path }) => (path === '' ? `${mount}/${file}` : `${mount}/${path}/${file}`);
}

/** Where the parsers of one file put what they find. */
export const found = new Float64Array(8);
export const value = (index: number): number => found[index] ?? Number.NaN;
