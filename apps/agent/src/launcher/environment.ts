import { fileURLToPath } from 'node:url';

/**
 * What the long-lived processes get of the caller's environment: npm's own variables and whatever else stood in a shell
 * would stay with them for weeks, in /proc/PID/environ.
 */
export function cleanEnvironment(extra: Record<string, string> = {}): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => /^(?:PATH|HOME|LANG|LC_\w+|TZ|PLIMSOLL_\w+)$/.test(name));
  return { ...Object.fromEntries(kept), NODE_ENV: 'production', ...extra };
}

/**
 * Compiled code of supervisor and agent, so that neither needs the TypeScript parser, which would keep some 20 MB of each. It
 * lies beside the code itself: nobody can plant compiled code who could not change the source as well.
 */
export const COMPILE_CACHE = {
  NODE_COMPILE_CACHE: fileURLToPath(new URL('../../../../node_modules/.cache/plimsoll', import.meta.url)),
};
