import type { Inspect, NamespaceType, OciConfig } from '@plimsoll/core';

type Step = Parameters<Inspect>[0]['steps'][number];

/** What is taken from a container's defences, so that an attempt succeeds that they hold. */
export interface Weakening {
  /** After "out of a container". */
  what: string;
  edit?: (config: OciConfig) => void;
  inspect?: Inspect;
  /** In cgroups that allow every device: what they deny no container's own rules give back. */
  everyDevice?: boolean;
  /** Those that it is put together from. */
  parts?: readonly Weakening[];
}

export function together(...parts: readonly Weakening[]): Weakening {
  return {
    what: parts.map(({ what }) => what).join(', '),
    edit: (config) => parts.forEach(({ edit }) => edit?.(config)),
    inspect: (program) => parts.forEach(({ inspect }) => inspect?.(program)),
    everyDevice: parts.some(({ everyDevice }) => everyDevice === true),
    parts,
  };
}

/** Root inside is root outside. */
export const hostsRoot: Weakening = {
  what: "as the host's root",
  edit({ linux }) {
    linux.namespaces = linux.namespaces.filter(({ type }) => type !== 'user');
    delete linux.uidMappings;
    delete linux.gidMappings;
  },
};

export const unfiltered: Weakening = { what: 'without seccomp', edit: ({ linux }) => void delete linux.seccomp };

export const unmasked: Weakening = {
  what: 'with all of /proc',
  edit: ({ linux }) => void Object.assign(linux, { maskedPaths: [], readonlyPaths: [] }),
};

export const newPrivileges: Weakening = {
  what: 'whose programs may gain privileges',
  edit: ({ process }) => void (process.noNewPrivileges = false),
};

export const everyDevice: Weakening = { what: 'with every device', everyDevice: true };

const SETS = ['bounding', 'effective', 'permitted', 'inheritable'] as const;

export function capable(...names: readonly string[]): Weakening {
  return {
    what: `with ${names.join(' and ')}`,
    edit({ process: { capabilities } }) {
      for (const set of SETS) capabilities[set] = [...new Set([...capabilities[set], ...names])];
    },
  };
}

/** In the bounding set alone: what a program may get, and does not have. */
export function gainable(...names: readonly string[]): Weakening {
  return {
    what: `that may get ${names.join(' and ')}`,
    edit: ({ process: { capabilities } }) => void (capabilities.bounding = [...capabilities.bounding, ...names]),
  };
}

export function inHosts(...types: readonly NamespaceType[]): Weakening {
  return {
    what: `in the host's ${types.join(' and ')} namespace`,
    edit(config) {
      config.linux.namespaces = config.linux.namespaces.filter(({ type }) => !types.includes(type));
      if (types.includes('uts')) delete config.hostname;
    },
  };
}

/** As a runtime would start it that takes some steps otherwise. Null: leaves it out; undefined: takes it as it is. */
export function startedOtherwise(what: string, change: (step: Step) => Partial<Step> | null | undefined): Weakening {
  const nothing: Partial<Step> = { syscall: 'getpid', arguments: [] };
  return {
    what,
    inspect({ steps }) {
      let changed = 0;
      steps.forEach((step, i) => {
        const other = change(step);
        if (other === undefined) return;
        steps[i] = { ...step, ...(other ?? nothing) };
        changed++;
      });
      // The first program of a start makes its cgroup, the second one the container.
      if (changed === 0 && steps.some(({ syscall }) => syscall === 'execve')) throw new Error(`no step is there to be ${what}`);
    },
  };
}
