import type { Metadata } from 'next';
import { AgentAway } from '../../../components/agent-away.tsx';
import { ContainersPage } from '../../../components/containers/containers-page.tsx';
import { askAgent } from '../../../lib/agent.ts';

export const metadata: Metadata = { title: 'Containers' };

export default async function Page() {
  const list = await askAgent('container.list', {});
  return list.ok ? <ContainersPage initial={list.result} /> : <AgentAway error={list.error} />;
}
