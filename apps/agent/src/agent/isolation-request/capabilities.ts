import { CAPABILITIES, DEFAULT_CAPABILITIES } from '@plimsoll/core';
import { ALL_CAPABILITIES, PlimsollError, type IsolationRequest } from '@plimsoll/protocol';

/** The set that a container has, in the kernel's order. Throws `bad-request` for a name that is no capability's. */
export function capabilitySet({ add, drop }: IsolationRequest['capabilities']): string[] {
  for (const name of [...add, ...drop]) {
    if (name !== ALL_CAPABILITIES && !isCapability(name)) {
      throw new PlimsollError('bad-request', `there is no capability ${name}`, {
        field: 'capabilities',
        hint: 'capabilities(7) lists them.',
      });
    }
  }
  const both = add.find((name) => drop.includes(name));
  if (both !== undefined) throw new PlimsollError('bad-request', `${both} is to be added and dropped`, { field: 'capabilities' });
  const has = (name: string): boolean => {
    if (add.includes(name)) return true;
    if (drop.includes(name) || drop.includes(ALL_CAPABILITIES)) return false;
    return add.includes(ALL_CAPABILITIES) || isDefault(name);
  };
  return CAPABILITIES.filter(has);
}

/**
 * Those of `set` that a process has which does not run as root. Root's exec gives it all of the set; another user's gives it what
 * is ambient (capabilities(7)). As with podman that is what a request adds by name, or all of it by ALL.
 */
export function ambientSet({ add }: IsolationRequest['capabilities'], set: readonly string[]): string[] {
  return add.includes(ALL_CAPABILITIES) ? [...set] : set.filter((name) => add.includes(name));
}

function isCapability(name: string): boolean {
  return (CAPABILITIES as readonly string[]).includes(name);
}

function isDefault(name: string): boolean {
  return (DEFAULT_CAPABILITIES as readonly string[]).includes(name);
}
