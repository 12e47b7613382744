import type { Metadata } from 'next';
import { AgentAway } from '../../../components/agent-away.tsx';
import { VolumesPage } from '../../../components/volumes/volumes-page.tsx';
import { askAgent } from '../../../lib/agent.ts';

export const metadata: Metadata = { title: 'Volumes' };

export default async function Page() {
  const volumes = await askAgent('volume.list', {});
  return volumes.ok ? <VolumesPage initial={volumes.result} /> : <AgentAway error={volumes.error} />;
}
