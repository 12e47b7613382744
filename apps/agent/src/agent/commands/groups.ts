import { COMMANDS, PlimsollError, type GroupView, type Verb } from '@plimsoll/protocol';
import type { GroupRecord } from '../../supervisor/protocol.ts';
import type { Registry } from '../registry.ts';
import type { SupervisorLink } from '../supervisor-link.ts';
import { resolveDisks } from './disks.ts';
import type { Handlers } from './dispatcher.ts';

type GroupHandlers = Pick<Handlers, Extract<Verb, `group.${string}`>>;

/** Every change is the supervisor's, which tells of it (and so the registry) before it answers. */
export function groupHandlers({ registry, supervisor }: { registry: Registry; supervisor: SupervisorLink }): GroupHandlers {
  const seen = (record: GroupRecord): GroupView => ({ ...record, handle: registry.group(record.path)?.handle ?? 0 });
  const deadline = (verb: keyof GroupHandlers): number => COMMANDS[verb].deadlineMs;
  return {
    'group.list': () => {
      if (!registry.complete) throw new PlimsollError('unavailable', 'the supervisor is not there');
      return registry.groups;
    },
    'group.create': async ({ limits, ...group }, caller) => {
      const args = { ...group, limits: resolveDisks(limits, caller) };
      return seen(await supervisor.request('createGroup', args, deadline('group.create'), caller.request));
    },
    'group.set': async ({ limits, ...change }, caller) => {
      const args = { ...change, limits: resolveDisks(limits, caller) };
      const { group, kernel } = await supervisor.request('setGroup', args, deadline('group.set'), caller.request);
      return { group: seen(group), kernel };
    },
    'group.freeze': async (args, { request }) =>
      seen(await supervisor.request('freezeGroup', args, deadline('group.freeze'), request)),
    'group.thaw': async (args, { request }) => seen(await supervisor.request('thawGroup', args, deadline('group.thaw'), request)),
    'group.kill': async (args, { request }) => {
      const { group, killed } = await supervisor.request('killGroup', args, deadline('group.kill'), request);
      return { group: seen(group), killed };
    },
    'group.remove': async (args, { request }) => await supervisor.request('removeGroup', args, deadline('group.remove'), request),
  };
}
