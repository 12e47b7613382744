import type { GroupView, Limits } from '@plimsoll/protocol';
import { json } from './container-events.ts';
import { newEvent, type NewEvent } from './new-event.ts';
import { isSame } from './same.ts';

/** What the log was last told of a group. */
export interface KnownGroup {
  displayName: string | null;
  limits: Limits;
  createdAt: string;
  frozenAt: string | null;
}

/** What happened to a group between what the log knows and what there is now. */
export function groupEvents(before: KnownGroup | undefined, view: GroupView): { events: NewEvent[]; known: KnownGroup } {
  const { path, displayName, limits, createdAt, frozenAt } = view;
  const known: KnownGroup = { displayName, limits, createdAt, frozenAt };
  const about = aboutGroup(path);
  const events: NewEvent[] = [];
  if (before === undefined) {
    const at = Date.parse(createdAt);
    events.push(
      newEvent({ ...about, kind: 'group.created', at, detail: { limits: json(limits) }, once: `${path} ${createdAt} created` }),
    );
  } else if (before.displayName !== displayName || !isSame(before.limits, limits)) {
    const detail = { before: settings(before), after: settings(known) };
    events.push(newEvent({ ...about, kind: 'group.changed', detail }));
  }
  const frozenBefore = before?.frozenAt ?? null;
  if (frozenAt !== null && frozenAt !== frozenBefore) {
    events.push(newEvent({ ...about, kind: 'group.frozen', at: Date.parse(frozenAt) }));
  }
  if (frozenAt === null && frozenBefore !== null) events.push(newEvent({ ...about, kind: 'group.thawed' }));
  return { events, known };
}

export function groupGone(path: string): NewEvent[] {
  return [newEvent({ ...aboutGroup(path), kind: 'group.removed' })];
}

function aboutGroup(path: string): Pick<NewEvent, 'subject' | 'id' | 'name' | 'group'> {
  return { subject: 'group', id: path, name: path, group: path };
}

function settings({ displayName, limits }: KnownGroup): Record<string, NewEvent['detail'][string]> {
  return { ...(displayName !== null && { displayName }), ...(json(limits) as object) };
}
