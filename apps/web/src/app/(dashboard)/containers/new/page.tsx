import type { Metadata } from 'next';
import { AgentAway } from '../../../../components/agent-away.tsx';
import { CreateForm } from '../../../../components/create/create-form.tsx';
import { askAgent } from '../../../../lib/agent.ts';

export const metadata: Metadata = { title: 'New container' };

export default async function Page() {
  const images = await askAgent('image.list', {});
  return images.ok ? <CreateForm images={images.result.map(({ name }) => name)} /> : <AgentAway error={images.error} />;
}
