import { existsSync, globSync, readFileSync, statSync } from 'node:fs';

/** What escapes of the past have written to. */
const FILES = [
  '/proc/sys/kernel/core_pattern',
  '/proc/sys/kernel/modprobe',
  '/proc/sys/kernel/hostname',
  '/proc/sys/kernel/domainname',
  '/proc/sys/kernel/ctrl-alt-del',
  '/proc/irq/default_smp_affinity',
  '/proc/swaps',
  '/sys/kernel/uevent_helper',
  '/sys/kernel/mm/transparent_hugepage/khugepaged/defrag',
  ...globSync('/sys/fs/cgroup/*/{release_agent,notify_on_release}'),
].filter((path) => existsSync(path));

/** All of that as it is now, and the program that starts containers. */
export function hostState(): Record<string, string> {
  const { ino, size, mode, uid, mtimeMs } = statSync(process.execPath);
  const files = FILES.map((path) => [path, contentOf(path)]);
  return Object.fromEntries([...files, [process.execPath, JSON.stringify({ ino, size, mode, uid, mtimeMs })]]) as Record<
    string,
    string
  >;
}

/** The used part of /proc/swaps changes by itself, and is left out. */
function contentOf(path: string): string {
  const text = readFileSync(path, 'latin1');
  return path === '/proc/swaps' ? text.replaceAll(/^(\S+\s+\S+\s+\S+)\s+\S+/gm, '$1') : text;
}
