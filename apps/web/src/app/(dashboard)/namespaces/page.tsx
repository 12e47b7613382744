import type { Metadata } from 'next';
import { AgentAway } from '../../../components/agent-away.tsx';
import { NamespacesPage } from '../../../components/namespaces/namespaces-page.tsx';
import { askAgent } from '../../../lib/agent.ts';

export const metadata: Metadata = { title: 'Namespaces' };

export default async function Page() {
  const namespaces = await askAgent('kernel.namespaces', {});
  return namespaces.ok ? <NamespacesPage initial={namespaces.result} /> : <AgentAway error={namespaces.error} />;
}
