import { existsSync, readFileSync } from 'node:fs';
import { release } from 'node:os';
import type { HostFeature } from '@plimsoll/protocol';

/** `missing`: why it is not there and what would bring it; null: it is there, and `detail` says more, if there is more. */
export function feature(name: string, gives: string, missing: string | null, detail = ''): HostFeature {
  return { name, available: missing === null, gives, detail: missing ?? detail };
}

/** The file's text without surrounding space, or null where it cannot be read. */
export function readText(path: string): string | null {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return null;
  }
}

export function exists(path: string): boolean {
  return existsSync(path);
}

/** Whether the running kernel is of this version or later. */
export function kernelIsAtLeast(major: number, minor: number): boolean {
  const [runningMajor = 0, runningMinor = 0] = release().split('.').map(Number.parseFloat);
  return runningMajor > major || (runningMajor === major && runningMinor >= minor);
}
