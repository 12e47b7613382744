import type { Verb } from './verb.ts';

/** Every verb, loaded when it is typed: most of a command's time is that of loading code. */
export const VERBS: ReadonlyMap<string, () => Promise<Verb>> = new Map(
  Object.entries({
    run: async () => (await import('./verbs/run.ts')).run,
    create: async () => (await import('./verbs/create.ts')).create,
    start: async () => (await import('./verbs/start.ts')).start,
    stop: async () => (await import('./verbs/stop.ts')).stop,
    restart: async () => (await import('./verbs/restart.ts')).restart,
    kill: async () => (await import('./verbs/kill.ts')).kill,
    wait: async () => (await import('./verbs/wait.ts')).wait,
    freeze: async () => (await import('./verbs/freeze.ts')).freeze,
    thaw: async () => (await import('./verbs/thaw.ts')).thaw,
    update: async () => (await import('./verbs/update.ts')).update,
    rename: async () => (await import('./verbs/rename.ts')).rename,
    rm: async () => (await import('./verbs/rm.ts')).rm,
    ps: async () => (await import('./verbs/ps.ts')).ps,
    inspect: async () => (await import('./verbs/inspect.ts')).inspect,
    logs: async () => (await import('./verbs/logs.ts')).logs,
    top: async () => (await import('./verbs/top.ts')).top,
    stats: async () => (await import('./verbs/stats.ts')).stats,
    isolation: async () => (await import('./verbs/isolation.ts')).isolation,
    'group ls': async () => (await import('./verbs/group.ts')).groupList,
    'group create': async () => (await import('./verbs/group.ts')).groupCreate,
    'group set': async () => (await import('./verbs/group.ts')).groupSet,
    'group freeze': async () => (await import('./verbs/group.ts')).groupFreeze,
    'group thaw': async () => (await import('./verbs/group.ts')).groupThaw,
    'group kill': async () => (await import('./verbs/group.ts')).groupKill,
    'group rm': async () => (await import('./verbs/group.ts')).groupRemove,
    'image ls': async () => (await import('./verbs/image.ts')).imageList,
    'image import': async () => (await import('./verbs/image.ts')).imageImport,
    'image rm': async () => (await import('./verbs/image.ts')).imageRemove,
    'volume ls': async () => (await import('./verbs/volume.ts')).volumeList,
    'volume create': async () => (await import('./verbs/volume.ts')).volumeCreate,
    'volume rm': async () => (await import('./verbs/volume.ts')).volumeRemove,
    events: async () => (await import('./verbs/events.ts')).events,
    usage: async () => (await import('./verbs/usage.ts')).usage,
    'ledger verify': async () => (await import('./verbs/usage.ts')).ledgerVerify,
    'alert ls': async () => (await import('./verbs/alert.ts')).alertList,
    'alert create': async () => (await import('./verbs/alert.ts')).alertCreate,
    'alert rm': async () => (await import('./verbs/alert.ts')).alertRemove,
    'alert test': async () => (await import('./verbs/alert.ts')).alertTest,
    info: async () => (await import('./verbs/info.ts')).info,
    doctor: async () => (await import('./verbs/doctor.ts')).doctor,
    namespaces: async () => (await import('./verbs/namespaces.ts')).namespaces,
    'cgroup ls': async () => (await import('./verbs/cgroup.ts')).cgroupList,
    'cgroup inspect': async () => (await import('./verbs/cgroup.ts')).cgroupInspect,
    'cgroup freeze': async () => (await import('./verbs/cgroup.ts')).cgroupFreeze,
    'cgroup thaw': async () => (await import('./verbs/cgroup.ts')).cgroupThaw,
    'cgroup kill': async () => (await import('./verbs/cgroup.ts')).cgroupKill,
    url: async () => (await import('./verbs/url.ts')).url,
    completion: async () => (await import('./verbs/completion.ts')).completion,
    shutdown: async () => (await import('./verbs/shutdown.ts')).shutdown,
    unlink: async () => (await import('./verbs/unlink.ts')).unlink,
    version: async () => (await import('./verbs/version.ts')).version,
  } satisfies Record<string, () => Promise<Verb>>),
);

/** Headings of the list of all, by the verb that each stands above. */
export const HEADINGS: ReadonlyMap<string, string> = new Map(
  Object.entries({
    run: 'Containers',
    ps: 'What containers are and do',
    'group ls': 'Groups',
    'image ls': 'Images and volumes',
    events: 'What happened, and what was used',
    info: 'The host',
    url: 'Plimsoll itself',
  }),
);

/** Other names, which docker has for the same. */
export const ALIASES: ReadonlyMap<string, string> = new Map(
  Object.entries({ pause: 'freeze', unpause: 'thaw', images: 'image ls', rmi: 'image rm' }),
);

/** Verbs for programs alone: no help has them. */
const HIDDEN: ReadonlyMap<string, () => Promise<Verb>> = new Map([
  ['__complete', async () => (await import('./verbs/complete.ts')).complete],
]);

/** The verb that words begin with, and what follows it; null where there is none. `name` is as it was typed. */
export function findVerb(words: readonly string[]): { name: string; load: () => Promise<Verb>; args: readonly string[] } | null {
  for (const length of [2, 1]) {
    const name = words.slice(0, length).join(' ');
    const load = VERBS.get(ALIASES.get(name) ?? name) ?? HIDDEN.get(name);
    if (load !== undefined && words.length >= length) return { name, load, args: words.slice(length) };
  }
  return null;
}
