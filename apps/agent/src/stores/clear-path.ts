import { lstatSync, unlinkSync } from 'node:fs';
import { setAside } from './set-aside.ts';

/** Makes room for a file or a socket that lives no longer than its process: unlinks what a crash left. A directory is set aside. */
export function clearPath(path: string): void {
  const stats = lstatSync(path, { throwIfNoEntry: false });
  if (stats === undefined) return;
  if (stats.isDirectory()) setAside(path);
  else unlinkSync(path);
}
