/**
 * What the long-lived processes get of the caller's environment: npm's own variables and whatever else stood in a shell
 * would stay with them for weeks, in /proc/PID/environ.
 */
export function cleanEnvironment(extra: Record<string, string> = {}): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => /^(?:PATH|HOME|LANG|LC_\w+|TZ|PLIMSOLL_\w+)$/.test(name));
  return { ...Object.fromEntries(kept), NODE_ENV: 'production', ...extra };
}
