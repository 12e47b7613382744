import { z } from 'zod';
import type { EventLog } from '../events/event-log.ts';
import { newEvent } from '../events/new-event.ts';
import { HostClock, type Jump } from './host-clock.ts';

const Jumps = z.object({ sinceMs: z.number(), leastOffsetMs: z.number(), leastSinceMs: z.number() });
const Known = z.object({ bootId: z.string(), offsetMs: z.number(), jumpedAtMs: z.number().nullable(), jumps: Jumps.nullish() });

/** The host's clock, each jump of which is an event; one while no agent was there is seen now. */
export function recordClock(events: EventLog, read?: ConstructorParameters<typeof HostClock>[1]): HostClock {
  const known = Known.safeParse(events.known('clock'));
  const clock = new HostClock(known.success ? known.data : null, read);
  const remember = (jumps: readonly Jump[]): void => {
    const happened = jumps.map(({ byMs, wallMs, wouldBeMs }) =>
      newEvent({
        ...{ kind: 'clock.jumped', subject: 'host', at: wallMs },
        detail: { byMs, before: new Date(wouldBeMs).toISOString(), after: new Date(wallMs).toISOString() },
      }),
    );
    events.record(happened, ['clock', clock.offset]);
  };
  clock.on('jumped', (jump) => remember([jump]));
  if (!clock.look()) remember([]);
  void events.ageBy(() => clock.settledMs());
  return clock;
}
