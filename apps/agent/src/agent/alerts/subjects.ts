import type { Alert, AlertScope, ContainerView } from '@plimsoll/protocol';
import { lineage, type Registry } from '../registry.ts';

/** A container that runs, or a group in which one does. */
export interface Subject {
  /** Row of the sampler. */
  handle: number;
  about: Alert['subject'];
}

/** Those whose figures a rule is to be held against now. */
export function subjectsOf(scope: AlertScope, registry: Registry): Subject[] {
  const running = registry.containers.filter(({ state }) => 'pid' in state);
  switch (scope.kind) {
    case 'container':
      return running.filter(({ id, name }) => id === scope.container || name === scope.container).map(ofContainer);
    case 'every-container':
      return running.filter(({ group }) => scope.group === undefined || isIn(group, scope.group)).map(ofContainer);
    case 'group':
      return groupsOf(running).has(scope.group) ? ofGroup(registry, scope.group) : [];
    case 'every-group':
      return [...groupsOf(running)].flatMap((path) => ofGroup(registry, path));
  }
}

/** Itself, or below it. */
export function isIn(group: string | null, above: string): boolean {
  return group === above || (group?.startsWith(`${above}/`) ?? false);
}

/** One and the same for all that a rule may find of it. */
export function subjectKey({ kind, id }: Pick<Alert['subject'], 'kind' | 'id'>): string {
  return `${kind} ${id ?? ''}`;
}

function groupsOf(running: readonly ContainerView[]): Set<string> {
  return new Set(running.flatMap(({ group }) => lineage(group)));
}

function ofContainer({ id, name, group, handle }: ContainerView): Subject {
  return { handle, about: { kind: 'container', id, name, group } };
}

function ofGroup(registry: Registry, path: string): Subject[] {
  const view = registry.group(path);
  return view === undefined ? [] : [{ handle: view.handle, about: { kind: 'group', id: path, name: path, group: path } }];
}
