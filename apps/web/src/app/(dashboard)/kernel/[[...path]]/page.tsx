import type { Metadata } from 'next';
import { AgentAway } from '../../../../components/agent-away.tsx';
import { KernelPage } from '../../../../components/kernel/kernel-page.tsx';
import { askAgent } from '../../../../lib/agent.ts';

export const metadata: Metadata = { title: 'Kernel' };

export default async function Page() {
  const cgroups = await askAgent('kernel.cgroups', {});
  return cgroups.ok ? <KernelPage initial={cgroups.result} /> : <AgentAway error={cgroups.error} />;
}
