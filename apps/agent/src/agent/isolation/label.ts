import { readFile } from 'node:fs/promises';

/** ENOENT: this kernel was built without security modules. */
const NO_LABELS = new Set(['EINVAL', 'EOPNOTSUPP', 'ENOENT']);

/** What security modules call a process: `docker-default (enforce)`. Null: there is none that gives labels. */
export async function labelOf(pid: number): Promise<string | null> {
  try {
    const label = (await readFile(`/proc/${pid}/attr/current`, 'utf8')).replaceAll('\0', '').trim();
    return label === '' ? null : label;
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (NO_LABELS.has(code)) return null;
    throw error;
  }
}
