import type { Metadata } from 'next';
import { AgentAway } from '../../../components/agent-away.tsx';
import { EventsPage } from '../../../components/events/events-page.tsx';
import { askAgent } from '../../../lib/agent.ts';
import { eventFilter, readEventView } from '../../../lib/event-view.ts';

export const metadata: Metadata = { title: 'Events' };

interface PageProps {
  searchParams: Promise<Record<string, string | string[] | undefined>>;
}

export default async function Page({ searchParams }: PageProps) {
  const words = Object.entries(await searchParams).flatMap(([name, value]) => (typeof value === 'string' ? [[name, value]] : []));
  const view = readEventView(new URLSearchParams(words));
  const asked = await askAgent('event.list', eventFilter(view, Date.now()));
  if (!asked.ok) return <AgentAway error={asked.error} />;
  // Times that are typed are of the browser's time zone, which nobody knows here.
  return <EventsPage initial={view.range === 'between' ? null : asked.result} />;
}
