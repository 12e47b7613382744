import type { Metadata } from 'next';
import { AgentAway } from '../../../components/agent-away.tsx';
import { AlertsPage } from '../../../components/alerts/alerts-page.tsx';
import { askAgent } from '../../../lib/agent.ts';

export const metadata: Metadata = { title: 'Alerts' };

export default async function Page() {
  const alerts = await askAgent('alert.list', {});
  return alerts.ok ? <AlertsPage initial={alerts.result} /> : <AgentAway error={alerts.error} />;
}
