import { readFile } from 'node:fs/promises';

/** A file of the kernel's, line by line. Throws ENOENT or ESRCH where its process has ended. */
export async function linesOf(path: string): Promise<string[]> {
  return (await readFile(path, 'utf8')).split('\n').filter((line) => line !== '');
}

/** Whatever stands between spaces. */
export function words(line: string): string[] {
  return line.split(/\s+/).filter((word) => word !== '');
}
