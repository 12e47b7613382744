import type { Metadata } from 'next';
import { notFound } from 'next/navigation';
import { AgentAway } from '../../../../components/agent-away.tsx';
import { GroupPage } from '../../../../components/groups/group-page.tsx';
import { askAgent } from '../../../../lib/agent.ts';

export const metadata: Metadata = { title: 'Group' };

export default async function Page({ params }: { params: Promise<{ path: string[] }> }) {
  const path = (await params).path.map(decodeURIComponent).join('/');
  const [groups, containers] = await Promise.all([askAgent('group.list', {}), askAgent('container.list', {})]);
  if (!groups.ok) return <AgentAway error={groups.error} />;
  if (!containers.ok) return <AgentAway error={containers.error} />;
  if (!groups.result.some((group) => group.path === path)) notFound();
  return <GroupPage path={path} groups={groups.result} containers={containers.result} />;
}
