import { COMMANDS } from '@plimsoll/protocol';
import { reportHost, type HostFacts } from '../host/report.ts';
import type { SupervisorLink } from '../supervisor-link.ts';
import type { Handlers } from './dispatcher.ts';

/** `shutDown` is called once the supervisor has stopped everything, and must let the answer out before the agent ends. */
export function hostHandlers(
  supervisor: SupervisorLink,
  facts: () => HostFacts,
  shutDown: () => void,
): Pick<Handlers, 'host.report' | 'host.shutdown'> {
  return {
    'host.report': () => reportHost(facts()),
    'host.shutdown': async () => {
      const answer = await supervisor.request('shutdown', {}, COMMANDS['host.shutdown'].deadlineMs);
      shutDown();
      return answer;
    },
  };
}
