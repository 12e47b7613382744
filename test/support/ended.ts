import type { ContainerView } from '@plimsoll/protocol';
import type { AgentClient } from '../../apps/agent/src/client/agent-client.ts';

/** Resolves with the container's last view when it has ended, or null when it is gone. */
export async function ended(client: AgentClient, id: string): Promise<ContainerView | null> {
  const end = Promise.withResolvers<ContainerView | null>();
  const look = (): void => {
    const view = client.containers.get(id);
    if (view === undefined) end.resolve(null);
    else if (view.state.status === 'exited' || view.state.status === 'failed') end.resolve(view);
  };
  client.on('hello', look).on('container', look).on('removed', look);
  look();
  try {
    return await Promise.race([end.promise, client.lost]);
  } finally {
    client.off('hello', look).off('container', look).off('removed', look);
  }
}
