import { createHash } from 'node:crypto';
import { seccompArchitecture } from './architecture.ts';
import { compileProfile, type SeccompFilter } from './compile.ts';
import type { SeccompProfile } from './profile.ts';
import { resolveProfile, type SeccompHost } from './resolve.ts';

/** A filter is some 3 KiB; a host has a handful of profiles, and of capability sets. */
const KEPT = 64;

const filters = new Map<string, SeccompFilter>();
const digests = new WeakMap<SeccompProfile, string>();

/** The filter of a profile on this host for a container of these capabilities, compiled once for all that are alike. */
export function seccompFilter(profile: SeccompProfile, host: SeccompHost): SeccompFilter {
  const { architecture, kernel, capabilities } = host;
  const key = [profileDigest(profile), architecture, kernel.major, kernel.minor, ...capabilities.toSorted()].join(' ');
  const filter = filters.get(key) ?? compileProfile(resolveProfile(profile, host), seccompArchitecture(architecture));
  // Put at the end again: the first is the one that was not asked for the longest.
  filters.delete(key);
  filters.set(key, filter);
  for (const oldest of filters.keys()) {
    if (filters.size <= KEPT) break;
    filters.delete(oldest);
  }
  return filter;
}

/** sha256 of the content, the same for the same profile wherever it was read from. */
export function profileDigest(profile: SeccompProfile): string {
  const known = digests.get(profile);
  if (known !== undefined) return known;
  const digest = createHash('sha256').update(JSON.stringify(profile, canonical)).digest('hex');
  digests.set(profile, digest);
  return digest;
}

/** Keys in one order; a bigint as its digits. */
function canonical(_key: string, value: unknown): unknown {
  if (typeof value === 'bigint') return `${value}n`;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
