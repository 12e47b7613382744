import type { Metadata } from 'next';
import { AgentAway } from '../../../components/agent-away.tsx';
import { GroupsPage } from '../../../components/groups/groups-page.tsx';
import { askAgent } from '../../../lib/agent.ts';

export const metadata: Metadata = { title: 'Groups' };

export default async function Page() {
  const [groups, containers] = await Promise.all([askAgent('group.list', {}), askAgent('container.list', {})]);
  if (!groups.ok) return <AgentAway error={groups.error} />;
  if (!containers.ok) return <AgentAway error={containers.error} />;
  return <GroupsPage groups={groups.result} containers={containers.result} />;
}
