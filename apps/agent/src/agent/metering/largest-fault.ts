import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const SETTINGS = '/sys/kernel/mm/transparent_hugepage';
const PAGE_KIB = 4;
const PMD_KIB = 2048;

/**
 * How much memory one page fault can add, KiB: a page, or the largest transparent huge page that is not switched off
 * (Documentation/admin-guide/mm/transhuge.rst).
 */
export function largestFaultKib(directory = SETTINGS): number {
  let names: string[];
  try {
    names = readdirSync(directory);
  } catch {
    return PAGE_KIB;
  }
  const inherited = isOn(directory, 'enabled');
  const sizes = names.flatMap((name) => {
    const kib = /^hugepages-(\d{1,9})kB$/.exec(name)?.[1];
    if (kib === undefined) return [];
    const setting = chosen(join(directory, name), 'enabled');
    return setting === 'never' || (setting === 'inherit' && !inherited) ? [] : [Number(kib)];
  });
  return Math.max(PAGE_KIB, ...sizes, ...(inherited ? [PMD_KIB] : []));
}

function isOn(directory: string, file: string): boolean {
  return chosen(directory, file) !== 'never';
}

/** `always [madvise] never` is `madvise`. Null: it cannot be read. */
function chosen(directory: string, file: string): string | null {
  try {
    return /\[(\w+)\]/.exec(readFileSync(join(directory, file), 'latin1'))?.[1] ?? null;
  } catch {
    return null;
  }
}
