import type { ContainerView, GroupView } from '@plimsoll/protocol';

/** What cAdvisor puts before a container's own labels. */
const PREFIX = 'container_label_';

/** cAdvisor's labels, and the group's path. Neither command nor environment, which may hold secrets. */
export function containerLabels({ cgroup, name, image, group, labels }: ContainerView): Record<string, string> {
  return { ...identity(cgroup, name, image, group), ...ownLabels(labels) };
}

/** As cAdvisor shows a cgroup that is no container: without name and image. */
export function groupLabels({ cgroup, path }: GroupView): Record<string, string> {
  return identity(cgroup, '', '', path);
}

/** The root of the hierarchies: all that runs on this host. */
export function hostLabels(): Record<string, string> {
  return identity('', '', '', '');
}

function identity(cgroup: string, name: string, image: string, group: string): Record<string, string> {
  return { id: `/${cgroup}`, name, image, plimsoll_group: group };
}

/**
 * Keys with every character but `[a-zA-Z0-9_]` as `_`, which is how cAdvisor does it. Of keys that become the same the first
 * in order stays: a label that stands twice in a line makes Prometheus refuse the whole scrape.
 */
function ownLabels(labels: Readonly<Record<string, string>>): Record<string, string> {
  const own: Record<string, string> = {};
  for (const key of Object.keys(labels).toSorted()) {
    const name = PREFIX + key.replace(/[^a-zA-Z0-9_]/gu, '_');
    own[name] ??= labels[key] ?? '';
  }
  return own;
}
