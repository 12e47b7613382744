/** What follows the base path, from its slash on. Null: it is not below the base path. */
export function belowBase(pathname: string, basePath: string): string | null {
  if (pathname === basePath) return '/';
  return pathname.startsWith(`${basePath}/`) ? pathname.slice(basePath.length) : null;
}
