'use client';

import type { ContainerView, Hello } from '@plimsoll/protocol';
import { createContext, use, useState, useSyncExternalStore, type ReactNode } from 'react';
import { AgentConnection, type ConnectionState } from '../live/connection.ts';
import { ContainerList } from '../live/container-list.ts';
import type { FrameNotifier } from '../live/frame-notifier.ts';
import { PendingActions } from '../live/pending-actions.ts';
import { TableSamples } from '../live/table-samples.ts';

/** The page's live data, outside of React: components subscribe to the part that they show. */
export interface Live {
  connection: AgentConnection;
  containers: ContainerList;
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
  const containers = new ContainerList(connection);
  return { connection, containers, table: new TableSamples(connection, containers), pending: new PendingActions() };
}

/** Null while rendering on the server. */
export function useLive(): Live | null {
  return use(LiveContext);
}

const never = () => () => undefined;
const zero = () => 0;

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

const nothing = () => null;

/** What the agent said of itself at the last connect. */
export function useHello(): Hello | null {
  const containers = useLive()?.containers;
  return useSyncExternalStore(containers?.notifier.subscribe ?? never, containers?.hello ?? nothing, nothing);
}

/** Every container; what the server rendered with until the agent's first hello. */
export function useContainers(initial: readonly ContainerView[]): readonly ContainerView[] {
  const containers = useLive()?.containers;
  return useSyncExternalStore(
    containers?.notifier.subscribe ?? never,
    () => containers?.all() ?? initial,
    () => initial,
  );
}

export function useContainer(initial: ContainerView): { view: ContainerView; removed: boolean } {
  const containers = useLive()?.containers;
  useChanges(containers?.notifier);
  return { view: containers?.get(initial.id) ?? initial, removed: containers?.wasRemoved(initial.id) ?? false };
}
