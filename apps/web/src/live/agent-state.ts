import {
  Alert,
  ContainerId,
  ContainerView,
  EVENTS,
  GroupPath,
  GroupView,
  Hello,
  Incident,
  PROTOCOL,
  StoreWarning,
} from '@plimsoll/protocol';
import { AlertList } from './alert-list.ts';
import type { AgentConnection } from './connection.ts';
import { FrameNotifier } from './frame-notifier.ts';
import { IncidentList } from './incident-list.ts';
import { ViewList } from './view-list.ts';

interface Schema<T> {
  safeParse: (value: unknown) => { success: true; data: T } | { success: false };
}

/** What the agent tells of without being asked: itself, containers, groups, incidents. */
export class AgentState {
  readonly notifier = new FrameNotifier();
  readonly containers = new ViewList<ContainerView>({
    key: ({ id }) => id,
    frozenAt: ({ state }) => (state.status === 'frozen' ? state.frozenAt : null),
  });
  readonly groups = new ViewList<GroupView>({ key: ({ path }) => path, frozenAt: ({ frozenAt }) => frozenAt });
  readonly incidents = new IncidentList();
  readonly alerts = new AlertList();
  #hello: Hello | null = null;
  #storeWarnings: readonly StoreWarning[] = [];

  constructor(connection: AgentConnection) {
    const on = <T>(event: string, schema: Schema<T>, listener: (value: T) => void) =>
      connection.onEvent(event, (payload) => {
        const parsed = schema.safeParse(payload);
        if (parsed.success) listener(parsed.data);
      });
    on(EVENTS.hello, Hello, (hello) => {
      // The page is older than the agent, and would not know what that sends.
      if (hello.protocol.major > PROTOCOL.major) return window.location.reload();
      this.#hello = hello;
      this.#storeWarnings = hello.storeWarnings;
      this.containers.replace(hello.containers);
      this.groups.replace(hello.groups);
      this.incidents.replace(hello.incidents);
      this.alerts.replace(hello.alerts);
      this.notifier.changed();
    });
    on(EVENTS.storeWarnings, StoreWarning.array(), (warnings) => {
      this.#storeWarnings = warnings;
      this.notifier.changed();
    });
    on(EVENTS.container, ContainerView, (view) => this.containers.put(view));
    on(EVENTS.removed, ContainerId, (id) => this.containers.remove(id));
    on(EVENTS.group, GroupView, (group) => this.groups.put(group));
    on(EVENTS.groupRemoved, GroupPath, (path) => this.groups.remove(path));
    on(EVENTS.alert, Alert, (alert) => this.alerts.put(alert));
    on(EVENTS.incident, Incident, (incident) => this.incidents.add(incident));
  }

  /** Null before its first. */
  readonly hello = (): Hello | null => this.#hello;

  /** State files that were damaged or missing, the oldest first. */
  readonly storeWarnings = (): readonly StoreWarning[] => this.#storeWarnings;
}
