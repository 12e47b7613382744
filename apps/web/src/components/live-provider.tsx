'use client';

import type { ContainerView, GroupView, Hello, HostReport, Incident } from '@plimsoll/protocol';
import { createContext, use, useEffect, useMemo, useState, useSyncExternalStore, type ReactNode } from 'react';
import { AgentState } from '../live/agent-state.ts';
import type { AlertList } from '../live/alert-list.ts';
import { AgentConnection, type ConnectionState } from '../live/connection.ts';
import type { FrameNotifier } from '../live/frame-notifier.ts';
import { HostFacts } from '../live/host-facts.ts';
import type { IncidentList } from '../live/incident-list.ts';
import { KernelTree } from '../live/kernel-tree.ts';
import { PendingActions } from '../live/pending-actions.ts';
import { TableSamples } from '../live/table-samples.ts';
import type { ViewList } from '../live/view-list.ts';

/** The page's live data, outside of React: components subscribe to the part that they show. */
export interface Live {
  connection: AgentConnection;
  agent: AgentState;
  containers: ViewList<ContainerView>;
  groups: ViewList<GroupView>;
  incidents: IncidentList;
  alerts: AlertList;
  host: HostFacts;
  kernel: KernelTree;
  table: TableSamples;
  pending: PendingActions;
}

const LiveContext = createContext<Live | null>(null);

export function LiveProvider({ children }: { children: ReactNode }) {
  const [live] = useState(() => (typeof window === 'undefined' ? null : createLive()));
  return <LiveContext value={live}>{children}</LiveContext>;
}

function createLive(): Live {
  const connection = new AgentConnection();
  const agent = new AgentState(connection);
  const { containers, groups, incidents, alerts } = agent;
  return {
    connection,
    agent,
    containers,
    groups,
    incidents,
    alerts,
    host: new HostFacts(connection),
    kernel: new KernelTree(connection),
    table: new TableSamples(connection, agent),
    pending: new PendingActions(),
  };
}

const never = () => () => undefined;
const zero = () => 0;
const nothing = () => null;

/** Null while rendering on the server, and while what it rendered is taken over, though data may be here by then. */
export function useLive(): Live | null {
  const live = use(LiveContext);
  return useSyncExternalStore<Live | null>(never, () => live, nothing);
}

/** Renders again with every change that `notifier` tells of. */
export function useChanges(notifier: FrameNotifier | undefined): number {
  return useSyncExternalStore(notifier?.subscribe ?? never, notifier?.version ?? zero, zero);
}

const CONNECTING: ConnectionState = { kind: 'connecting' };
const connecting = () => CONNECTING;

export function useConnectionState(): ConnectionState {
  const connection = useLive()?.connection;
  return useSyncExternalStore(connection?.notifier.subscribe ?? never, connection?.state ?? connecting, connecting);
}

/** What the agent said of itself at the last connect. */
export function useHello(): Hello | null {
  const agent = useLive()?.agent;
  return useSyncExternalStore(agent?.notifier.subscribe ?? never, agent?.hello ?? nothing, nothing);
}

/** What the host offers. Null until it has been told. */
export function useHostReport(): HostReport | null {
  const host = useLive()?.host;
  useEffect(() => host?.want(), [host]);
  return useSyncExternalStore(host?.notifier.subscribe ?? never, host?.report ?? nothing, nothing);
}

function useViews<View extends { handle: number }>(list: ViewList<View> | undefined, initial: readonly View[]): readonly View[] {
  return useSyncExternalStore(
    list?.notifier.subscribe ?? never,
    () => list?.all() ?? initial,
    () => initial,
  );
}

/** Every container; what the server rendered with until the agent's first hello. */
export function useContainers(initial: readonly ContainerView[]): readonly ContainerView[] {
  return useViews(useLive()?.containers, initial);
}

export function useGroups(initial: readonly GroupView[]): readonly GroupView[] {
  return useViews(useLive()?.groups, initial);
}

export function useContainer(initial: ContainerView): { view: ContainerView; removed: boolean } {
  const containers = useLive()?.containers;
  useChanges(containers?.notifier);
  return { view: containers?.get(initial.id) ?? initial, removed: containers?.wasRemoved(initial.id) ?? false };
}

const NO_INCIDENTS: readonly Incident[] = [];

/** What the kernel told of one container, or of a group and all that is in it, oldest first. */
export function useIncidents(of: { container: string } | { group: string }): readonly Incident[] {
  const incidents = useLive()?.incidents;
  const version = useChanges(incidents?.notifier);
  const [container, group] = 'container' in of ? [of.container, ''] : ['', of.group];
  return useMemo(
    () => incidents?.about(container === '' ? { group } : { container }) ?? NO_INCIDENTS,
    // The version stands for the list, which changes in place.
    // oxlint-disable-next-line react-hooks/exhaustive-deps
    [incidents, version, container, group],
  );
}
