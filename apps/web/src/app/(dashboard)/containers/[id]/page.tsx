import type { Metadata } from 'next';
import { notFound } from 'next/navigation';
import { AgentAway } from '../../../../components/agent-away.tsx';
import { ContainerPage } from '../../../../components/container/container-page.tsx';
import { askAgent } from '../../../../lib/agent.ts';

export const metadata: Metadata = { title: 'Container' };

export default async function Page({ params }: { params: Promise<{ id: string }> }) {
  const { id } = await params;
  const inspected = await askAgent('container.inspect', { container: id });
  if (inspected.ok) return <ContainerPage initial={inspected.result} />;
  if (inspected.error.code === 'not-found' || inspected.error.code === 'bad-request') notFound();
  return <AgentAway error={inspected.error} />;
}
