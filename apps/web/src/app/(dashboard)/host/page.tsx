import type { Metadata } from 'next';
import { AgentAway } from '../../../components/agent-away.tsx';
import { HostPage } from '../../../components/host/host-page.tsx';
import { askAgent } from '../../../lib/agent.ts';

export const metadata: Metadata = { title: 'Host' };

export default async function Page() {
  const report = await askAgent('host.report', {});
  return report.ok ? <HostPage report={report.result} /> : <AgentAway error={report.error} />;
}
