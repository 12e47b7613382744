import type { ContainerView, HostCgroup } from '@plimsoll/protocol';
import type { AgentRequests } from '../../client/agent-requests.ts';
import { describeState } from '../reports/container-report.ts';
import type { Source } from './sources.ts';
import type { Candidate } from './wanted.ts';

type LookUp = (client: AgentRequests) => Promise<Candidate[]>;

/** What the agent has of each source. */
export const LOOK_UPS: Readonly<Record<Exclude<Source, readonly string[] | 'files' | 'seccomp-profiles'>, LookUp>> = {
  containers: containers(() => true),
  running: containers(({ state }) => 'pid' in state),
  frozen: containers(({ state }) => state.status === 'frozen'),
  startable: containers(({ state }) => ['created', 'exited', 'failed'].includes(state.status)),
  joinable: async (client) => {
    const running = await containers(({ state }) => 'pid' in state)(client);
    return running.map(({ text, ...more }) => ({ ...more, text: `container:${text}` }));
  },
  groups: async (client) =>
    (await client.command('group.list', {})).map(({ path, displayName }) => ({
      text: path,
      ...(displayName !== null && { about: displayName }),
    })),
  images: async (client) => (await client.command('image.list', {})).map(({ name, source }) => ({ text: name, about: source })),
  volumes: async (client) => (await client.command('volume.list', {})).map(({ name }) => ({ text: name })),
  'volume-mounts': async (client) => (await client.command('volume.list', {})).map(({ name }) => ({ text: `${name}:` })),
  rules: async (client) => (await client.command('alert.list', {})).rules.map(({ name }) => ({ text: name })),
  cgroups: cgroups(() => true),
  'changeable-cgroups': cgroups(({ guarded }) => guarded === null),
};

function containers(isWanted: (view: ContainerView) => boolean): LookUp {
  return async (client) => {
    const views = await client.command('container.list', {});
    return views.filter(isWanted).map(({ name, state }) => ({ text: name, about: describeState(state) }));
  };
}

function cgroups(isWanted: (cgroup: HostCgroup) => boolean): LookUp {
  return async (client) => {
    const found = await client.command('kernel.cgroups', {});
    return found.filter(isWanted).map(({ path, owner }) => ({ text: path === '' ? '/' : path, about: owner }));
  };
}
