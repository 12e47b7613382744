import type { Metadata } from 'next';
import { AgentAway } from '../../../components/agent-away.tsx';
import { ImageList } from '../../../components/images/image-list.tsx';
import { askAgent } from '../../../lib/agent.ts';

export const metadata: Metadata = { title: 'Images' };

export default async function Page() {
  const images = await askAgent('image.list', {});
  return images.ok ? <ImageList images={images.result} /> : <AgentAway error={images.error} />;
}
