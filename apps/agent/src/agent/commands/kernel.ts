import { attempt } from '@plimsoll/core/guarded';
import { COMMANDS, PlimsollError, type ForeignTarget, type HostCgroup, type Verb } from '@plimsoll/protocol';
import type { Caller } from '../access/gatekeeper.ts';
import type { HostCgroups } from '../kernel/host-cgroups.ts';
import type { KernelWatch } from '../kernel/kernel-watch.ts';
import type { SupervisorLink } from '../supervisor-link.ts';
import type { Handlers } from './dispatcher.ts';

interface Parts {
  cgroups: HostCgroups;
  watch: KernelWatch;
  supervisor: SupervisorLink;
}

type KernelHandlers = Pick<Handlers, Exclude<Extract<Verb, `kernel.${string}`>, 'kernel.namespaces'>>;

const SUPERVISOR_VERBS = { freeze: 'foreignFreeze', thaw: 'foreignThaw', kill: 'foreignKill' } as const;

/** The whole host's cgroups. The supervisor looks once more at what guards one before it changes anything. */
export function kernelHandlers({ cgroups, watch, supervisor }: Parts): KernelHandlers {
  const act = async (
    doing: keyof typeof SUPERVISOR_VERBS,
    { path, confirm }: ForeignTarget,
    { pid = null, request }: Caller,
  ): Promise<HostCgroup> => {
    if (confirm !== path) {
      throw new PlimsollError('bad-request', `to ${doing} cgroup "${path}", confirm it by its path: "${confirm}" is another`, {
        hint: 'Type the path exactly as it stands there.',
      });
    }
    const before = await cgroups.get(path, pid);
    const guards = cgroups.requireUnguarded(path, doing, pid);
    await supervisor.request(SUPERVISOR_VERBS[doing], { path, guards }, COMMANDS[`kernel.${doing}`].deadlineMs, request);
    attempt('the look at the cgroups of the host', () => watch.lookNow());
    try {
      return await cgroups.get(path, pid);
    } catch (error) {
      // Whoever made it may remove it as soon as it is empty.
      if (doing !== 'kill' || !(error instanceof PlimsollError) || error.code !== 'not-found') throw error;
      return { ...before, populated: false, frozen: before.frozen === null ? null : false };
    }
  };
  return {
    'kernel.cgroups': (_, { pid }) => cgroups.list(pid),
    'kernel.cgroup': ({ path }, { pid }) => cgroups.inspect(path, pid),
    'kernel.freeze': (target, caller) => act('freeze', target, caller),
    'kernel.thaw': (target, caller) => act('thaw', target, caller),
    'kernel.kill': (target, caller) => act('kill', target, caller),
  };
}
